/* A form marked data-once is sent once: a second press while the first is under way does nothing.
   The button keeps its focus and its value (a disabled button would not be sent), so it is only marked as busy.
   Coming back with the browser's history makes the form usable again. */

const PATIENCE_MS = 15000;

function sendOnce(root) {
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    if (event.defaultPrevented) return;
    mark(form, event.submitter);
    // If nothing came of it (the connection broke), the reader must be able to try again.
    setTimeout(() => release(form), PATIENCE_MS);
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) root.querySelectorAll("form[data-sending]").forEach(release);
  });
}

function mark(form, button) {
  form.dataset.sending = "yes";
  button?.setAttribute("aria-disabled", "true");
}

function release(form) {
  delete form.dataset.sending;
  form.querySelectorAll("button[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
}

sendOnce(document);
