/* Says what the typed words look like (industry, sort of help, urgency) and offers to take it over; forces nothing.
   On [data-suggest=address]: data-from names the fields that are read, data-into the fields that may be filled,
   data-after a sentence behind. Without this script the server says the same at the next step. */

const WAIT_MS = 700;
const SHORTEST = 4;

for (const place of document.querySelectorAll("[data-suggest]")) begin(place);

function begin(place) {
  const form = place.closest("form");
  const inputs = place.dataset.from.split(" ").map((id) => document.getElementById(id)).filter(Boolean);
  let timer = 0;
  let asked = null;
  const ask = async () => {
    const [title, words] = inputs.map((input) => input.value.trim());
    if (`${title}${words ?? ""}`.length < SHORTEST) return place.replaceChildren();
    asked?.abort();
    asked = new AbortController();
    const body = new URLSearchParams({ title, description: words ?? "" });
    const headers = { "X-CSRFToken": form.elements.csrf_token.value };
    try {
      const answer = await fetch(place.dataset.suggest, { method: "POST", body, headers, signal: asked.signal });
      if (answer.ok && !answer.redirected) show(place, form, await answer.json());
    } catch {
      /* Off line or overtaken by the next word: a suggestion is never missed. */
    }
  };
  for (const input of inputs) {
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT_MS);
    });
  }
}

function show(place, form, told) {
  if (!told.words) return place.replaceChildren();
  const line = document.createElement("p");
  line.append(`看起来是：${told.words}。${place.dataset.after ?? ""}`);
  const names = place.dataset.into.split(" ").filter((name) => told[name] && held(form, name) !== told[name]);
  if (names.length > 0) line.append(" ", takeOver(form, told, names, line));
  place.replaceChildren(line);
}

function takeOver(form, told, names, line) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-quiet";
  button.textContent = "按建议填";
  button.addEventListener("click", () => {
    for (const name of names) form.elements[name].value = told[name];
    button.remove();
    line.append("已填好，仍可以改。");
  });
  return button;
}

function held(form, name) {
  return form.elements[name]?.value ?? "";
}
