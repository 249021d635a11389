import type { Frame, Page, Request, Response, WebSocket } from "playwright";
import { expect } from "vitest";
import { type Console, listenTo } from "../../support/chromium.js";

const PATIENCE = { timeout: 15_000, interval: 30 };

/** One client of the playground, in a tab or in a frame, used as a visitor would: by its buttons, and by what it says. */
export class PlaygroundTab {
  readonly page: Page;
  readonly frame: Frame;
  readonly console: Console;
  /** The address of every request and websocket. */
  readonly urls: string[] = [];
  /** Every access token that the server has handed to this tab. */
  readonly issued: Promise<string>[] = [];

  /** What was to be seen whenever the tab was connected, and may have gone since. */
  readonly #seen: string[] = [];
  readonly #ears: ReadonlyArray<() => void>;

  constructor(page: Page, frame = page.mainFrame()) {
    this.page = page;
    this.frame = frame;
    this.console = listenTo(page);
    const onRequest = (request: Request): void => void this.urls.push(request.url());
    const onWebSocket = (websocket: WebSocket): void => void this.urls.push(websocket.url());
    const onResponse = (response: Response): void => {
      if (/\/(auth\/(login|refresh)|demo\/token)$/.test(response.url()) && response.ok())
        this.issued.push(response.text());
    };
    page.on("request", onRequest).on("websocket", onWebSocket).on("response", onResponse);
    this.#ears = [
      () => page.off("request", onRequest),
      () => page.off("websocket", onWebSocket),
      () => page.off("response", onResponse),
      () => this.console.end(),
    ];
  }

  /** Leaves the playground, and stops listening. */
  async leave(): Promise<void> {
    await this.page.goto("about:blank");
    for (const end of this.#ears) end();
  }

  /** Presses a button, in the tab that is in front: Chromium draws the others once a second. */
  async press(name: string): Promise<void> {
    await this.page.bringToFront();
    await this.frame.getByRole("button", { name, exact: true }).click();
  }

  text(id: string): Promise<string> {
    return this.frame.locator(`#${id}`).innerText();
  }

  /** Waits until an element says so. */
  async until(id: string, said: RegExp | string): Promise<void> {
    await expect.poll(() => this.text(id), { ...PATIENCE, message: `#${id}` }).toMatch(said);
  }

  /** Waits until the connection is up, and the server knows the very token in the storage as that of the user. */
  async untilConnectedAs(user: string): Promise<void> {
    const served = async (): Promise<string> =>
      `${await this.text("status")} ${await this.text("token-served")}`;
    await expect
      .poll(async () => (await served()) === `connected.steady ${await this.text("token-stored")}`, PATIENCE)
      .toBe(true);
    await this.until("token-served", new RegExp(`^[0-9a-f]{8} ${user}$`));
    this.#seen.push(await this.#look());
  }

  /**
   * Waits until no tab refreshes or signs out any more. A `logout()` looks at the storage once more after a moment, and
   * what was stored by hand meanwhile goes with it.
   */
  async untilLocksAreFree(): Promise<void> {
    const countLocks = () =>
      this.frame.evaluate(async () => {
        const { held = [], pending = [] } = await navigator.locks.query();
        return held.length + pending.length;
      });
    await expect.poll(countLocks, { ...PATIENCE, message: "locks held or waited for" }).toBe(0);
  }

  /** What the server calls this tab's socket; another name after each handshake. */
  socketId(): Promise<string> {
    return this.text("socket-id");
  }

  async untilAnotherSocket(than: string): Promise<void> {
    await expect.poll(() => this.socketId(), PATIENCE).not.toBe(than);
  }

  /** Sends a message, and waits until the server has answered it. */
  async send(text: string): Promise<void> {
    await this.frame.getByLabel("To everybody").fill(text);
    await this.press("Send");
  }

  /** Waits until a row of the history says so; rows stay, however soon the state is another one. */
  async untilTransition(said: RegExp): Promise<void> {
    await expect
      .poll(() => this.frame.locator("#transitions").innerText(), { ...PATIENCE, message: "#transitions" })
      .toMatch(said);
  }

  /** The rows of messages that hold a text, newest first. */
  messages(text: string): Promise<string[]> {
    return this.frame.locator("#messages li", { hasText: text }).allInnerTexts();
  }

  /** Whatever was to be seen or found in the page: markup, what is typed, addresses, the console. */
  async everything(): Promise<string> {
    const looks = [...this.#seen, await this.#look()];
    return [...looks, this.frame.url(), ...this.urls, ...this.console.lines].join("\n");
  }

  async #look(): Promise<string> {
    const shown = await this.frame.evaluate(() => [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll("input")].map(({ value }) => value),
    ]);
    return shown.join("\n");
  }
}
