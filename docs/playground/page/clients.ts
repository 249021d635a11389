import { byId } from "./dom.js";

/** Opens a client in each frame. A frame is as high as what is in it, so that there is one page to scroll. */
export function showClients(): void {
  const settings = new URLSearchParams(location.search);
  const credential = settings.get("credential");
  const isInspected = settings.has("inspect");
  for (const name of ["a", "b"]) {
    const frame = byId(`client-${name}`, HTMLIFrameElement);
    frame.addEventListener("load", () => fitHeight(frame));
    const query = new URLSearchParams({ client: name });
    // Of one client: there is one window of the inspector.
    if (name === "a" && isInspected) query.set("inspect", "");
    if (credential !== null) query.set("credential", credential);
    if (name === "a" && isFirstVisit()) query.set("welcome", "1");
    frame.src = `./client.html?${query}`;
  }
}

/** Whether this browser shows the page for the first time: client A then signs in, so that there is something to see. */
function isFirstVisit(): boolean {
  const isFirst = localStorage.getItem("playground.visited") === null;
  localStorage.setItem("playground.visited", "yes");
  return isFirst;
}

function fitHeight(frame: HTMLIFrameElement): void {
  const body = frame.contentDocument?.body;
  if (body === undefined) return;
  new ResizeObserver(() => {
    const border = frame.offsetHeight - frame.clientHeight;
    frame.style.height = `${Math.ceil(body.getBoundingClientRect().height) + border}px`;
  }).observe(body);
}
