/* Tells, before anything is sent, that a chosen file is over the limit (data-max-bytes on the file input).
   The server checks again and says the same; this only saves the reader the wait. */

const BYTES_PER_MB = 1048576;

function tellBeforeTooLarge(root) {
  root.addEventListener("change", (event) => {
    if (event.target.matches("input[type=file][data-max-bytes]")) check(event.target);
  });
  root.addEventListener("submit", (event) => {
    const inputs = [...event.target.querySelectorAll("input[type=file][data-max-bytes]")];
    const wrong = inputs.filter((input) => !check(input));
    if (wrong.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    wrong[0].focus();
  }, true);
}

function check(input) {
  const limit = Number(input.dataset.maxBytes);
  const large = [...input.files].find((file) => file.size > limit);
  const note = noteOf(input);
  if (!large) {
    note.textContent = "";
    input.removeAttribute("aria-invalid");
    return true;
  }
  note.textContent = `“${large.name}”有 ${inMegabytes(large.size)} MB，超过了 ${inMegabytes(limit)} MB 的上限，请压缩或换一个文件后再选。`;
  input.setAttribute("aria-invalid", "true");
  return false;
}

function noteOf(input) {
  const id = `${input.id}-size`;
  let note = document.getElementById(id);
  if (!note) {
    note = document.createElement("p");
    note.id = id;
    note.className = "field-error field-size-note";
    note.setAttribute("role", "alert");
    input.after(note);
    const described = input.getAttribute("aria-describedby");
    input.setAttribute("aria-describedby", described ? `${described} ${id}` : id);
  }
  return note;
}

function inMegabytes(bytes) {
  const value = bytes / BYTES_PER_MB;
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

tellBeforeTooLarge(document);
