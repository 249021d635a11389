import { connection, onMessage, say, signIn, signOut } from "../chat.js";

function find<T extends Element>(selector: string, type: new () => T): T {
  const element = document.querySelector(selector);
  if (element instanceof type) return element;
  throw new Error(`The page has no ${selector}.`);
}

const status = find("[role=status]", HTMLElement);
const alert = find("[role=alert]", HTMLElement);
const list = find("ul", HTMLUListElement);
const form = find("form", HTMLFormElement);
const message = find("[name=text]", HTMLInputElement);

function attempt(work: Promise<void>): void {
  alert.textContent = "";
  work.catch((error: unknown) => {
    alert.textContent = String(error);
  });
}

function showStatus(): void {
  status.textContent = connection.status;
}
connection.subscribe(showStatus);
showStatus();

onMessage((line) => {
  const item = document.createElement("li");
  item.textContent = line;
  list.append(item);
});

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-user]")) {
  button.addEventListener("click", () => attempt(signIn(button.dataset["user"] ?? "")));
}
find("#sign-out", HTMLButtonElement).addEventListener("click", () => attempt(signOut()));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(say(message.value));
  form.reset();
});
