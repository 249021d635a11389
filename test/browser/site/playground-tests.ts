import type { Locator, Page } from "playwright";
import { expect, test } from "vitest";
import type { siteHarness, Visit } from "./site-harness.js";

/** The playground of the first page, as a reader sees it. Ten times slower than real, it takes its time. */
class PlaygroundSection {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  press(name: string | RegExp): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  async untilState(path: string | RegExp): Promise<void> {
    await expect.poll(() => this.page.locator(".playground .status b").innerText()).toMatch(path);
  }

  /** Each state is in the list, however short it lasted. */
  async untilDecided(words: RegExp): Promise<void> {
    await expect.poll(() => this.decisions.innerText()).toMatch(words);
  }

  /** Resolves when a state is lit on the drawn chart, however shortly. To be called before what leads there. */
  untilLit(state: string): Promise<void> {
    return this.page.locator(".overview-chart").evaluate(
      (chart, name) =>
        new Promise<void>((resolve) => {
          const look = (): void => {
            if (chart.querySelector(`.state.current[data-state="${name}"]`) !== null) resolve();
          };
          new MutationObserver(look).observe(chart, { subtree: true, attributes: true });
        }),
      state,
    );
  }

  /** The states that are lit on the drawn chart. */
  lit(): Promise<string[]> {
    return this.page
      .locator(".overview-chart .state.current")
      .evaluateAll((states) => [...new Set(states.map((state) => state.getAttribute("data-state") ?? ""))]);
  }

  get decisions(): Locator {
    return this.page.locator(".playground .decisions");
  }

  get notes(): Locator {
    return this.page.locator(".playground .notes li");
  }

  /** What the last new token cost each way, in milliseconds. */
  gaps(): Promise<number[]> {
    return this.page
      .locator(".playground .gap[data-gap]")
      .evaluateAll((all) => all.map((each) => Number(each.getAttribute("data-gap"))));
  }
}

/** Each needs the built site, which is built once for all tests of a file. */
export function testPlayground(site: ReturnType<typeof siteHarness>): void {
  async function open(): Promise<PlaygroundSection & Pick<Visit, "console">> {
    const { page, console } = await site.visit("");
    const section = new PlaygroundSection(page);
    await section.untilState("loggedOut.signedOut");
    return Object.assign(section, { console });
  }
  async function openAsAda() {
    const section = await open();
    await section.press("Sign in as Ada");
    await section.untilState("connected.steady");
    return section;
  }

  test("a sign-in connects: the chart is lit, and each decision is a sentence", async () => {
    const section = await openAsAda();
    expect(await section.lit()).toEqual(["connected"]);
    await expect
      .poll(() => section.page.locator(".overview-chart .transition.taken").first().getAttribute("data-from"))
      .toBe("connecting");
    expect(await section.decisions.innerText()).toMatch(/Somebody signed in: a link is opened with it/);
    expect(await section.page.locator(".playground [role=status]").innerText()).toMatch(/accepted the token/);
    expect(section.console.errors).toEqual([]);
  });

  test("a refresh rotates and keeps the note; the gap is a handshake where the link is replaced, and none elsewhere", async () => {
    const section = await openAsAda();
    const wasLit = section.untilLit("rotating");
    await section.press("Refresh the token");
    await section.press("Send a note");
    await wasLit;
    await section.untilState("connected.steady");
    await expect.poll(() => section.notes.innerText()).toMatch(/^Ada note 1 answered after \d+ ms/);
    await expect.poll(() => section.gaps()).toHaveLength(3);
    const [sameLink = -1, overlap = -1, replace = -1] = await section.gaps();
    expect([sameLink, overlap]).toEqual([0, 0]);
    // A handshake is three round trips of 40 ms, and an event comes each 10 ms.
    expect(replace).toBeGreaterThanOrEqual(110);
    expect(replace).toBeLessThanOrEqual(150);
  });

  test("what waits without a network is sent when it is back, and once", async () => {
    const section = await openAsAda();
    await section.press("Cut the network");
    await section.untilState(/^connecting/);
    await section.press("Send a note");
    await expect.poll(() => section.notes.innerText()).toMatch(/waits for a link/);
    await section.press("Mend the network");
    await section.untilState("connected.steady");
    await expect.poll(() => section.notes.innerText()).toMatch(/answered after/);
    expect(await section.notes.count()).toBe(1);
  });

  test("what waits is dropped and told where somebody else signs in", async () => {
    const section = await openAsAda();
    await section.press("Cut the network");
    await section.press("Send a note");
    await section.press("Sign in as Grace");
    await expect.poll(() => section.notes.innerText()).toMatch(/^Ada note 1 not sent.*ERR_IDENTITY_CHANGED/);
    await section.press("Mend the network");
    await section.untilState("connected.steady");
    await section.press("Send a note");
    await expect.poll(() => section.notes.first().innerText()).toMatch(/^Grace note 2 answered/);
  });

  test("a sign-out ends the link, and what is sent then is refused", async () => {
    const section = await openAsAda();
    await section.press("Sign out");
    await section.untilState("loggedOut.signedOut");
    expect(await section.lit()).toEqual(["loggedOut"]);
    await section.press("Send a note");
    await expect.poll(() => section.notes.innerText()).toMatch(/ERR_LOGGED_OUT/);
  });

  test("a kick is no sign-out; a refused token is refreshed once, and only another sign-in helps", async () => {
    const section = await openAsAda();
    await section.press("Kick the client");
    await section.untilDecided(/it is tried again after a delay, and nobody is signed out/);
    await section.untilState("connected.steady");
    await section.press("Refuse the token");
    await section.untilState("loggedOut.rejected");
    expect(await section.decisions.innerText()).toMatch(/it is refreshed once/);
    expect(await section.page.locator(".playground .hint").innerText()).toMatch(/Sign in again/);
    await section.press("Sign in as Grace");
    await section.untilState("connected.steady");
  });

  test("it works by keyboard alone, and another client is followed by the arrow keys", async () => {
    const section = await open();
    const { page } = section;
    await page.getByRole("button", { name: "Sign in as Ada" }).focus();
    await page.keyboard.press("Enter");
    await section.untilState("connected.steady");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    await section.untilDecided(/rotating\.reauthenticating\.asking/);
    await section.untilState("connected.steady");
    await page.getByRole("radio", { name: /same link/ }).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await page.getByRole("radio", { name: /replace/ }).isChecked()).toBe(true);
    await expect.poll(() => section.decisions.innerText()).toMatch(/rotating\.replacing/);
  });

  test("the whole chart is drawn when it is asked for, and lit", async () => {
    const section = await openAsAda();
    await section.page.getByText("The whole chart", { exact: true }).click();
    const lit = (state: string) =>
      section.page.locator(`.whole-chart .state.current[data-state="${state}"]`).count();
    await expect.poll(() => lit("connected.steady")).toBeGreaterThan(0);
    await section.press("Sign out");
    await expect.poll(() => lit("loggedOut.signedOut")).toBeGreaterThan(0);
    expect(await lit("connected.steady")).toBe(0);
  });

  test("at 390 px the state and what it costs are seen while a button is pressed", async () => {
    const { page } = await site.visit("", { viewport: { width: 390, height: 844 } });
    const section = new PlaygroundSection(page);
    await section.untilState("loggedOut.signedOut");
    await page.locator(".playground .controls").evaluate((controls) => {
      scrollTo(0, controls.getBoundingClientRect().y + scrollY - 70);
    });
    const bottoms = await page
      .locator(".playground :is(.controls, .now, .lane)")
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().bottom));
    expect(Math.max(...bottoms)).toBeLessThanOrEqual(844);
  });
}
