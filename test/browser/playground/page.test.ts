import type { Frame } from "playwright";
import { expect, test } from "vitest";
import { faintIn } from "../../support/contrast.js";
import { playgroundHarness } from "./harness.js";

const harness = playgroundHarness();

/** What can be used, with the name by which it is known, as the browser computes it. */
const unnamed = (frame: Frame): Promise<string[]> =>
  frame.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        "button, input:not([type=hidden]), select, a, summary, [tabindex]",
      ),
    ]
      .filter((control) => {
        const labels = "labels" in control && control.labels instanceof NodeList ? [...control.labels] : [];
        const names = [
          control.innerText,
          control.getAttribute("aria-label"),
          document.getElementById(control.getAttribute("aria-labelledby") ?? "")?.innerText,
          ...labels.map((label) => label.textContent),
        ];
        return !names.some((name) => (name ?? "").trim() !== "");
      })
      .map(({ outerHTML }) => outerHTML),
  );

test("every control has a name, and is reached by Tab with a focus that is seen", async () => {
  const { shell, a, b } = await harness.openBoth();
  for (const frame of [shell.mainFrame(), a.frame, b.frame]) expect(await unnamed(frame)).toEqual([]);

  const countIn = (frame: Frame) =>
    frame
      .locator(
        "button:visible, input:visible, select:visible, a:visible, summary:visible, [tabindex]:visible",
      )
      .count();
  const frames = [shell.mainFrame(), a.frame, b.frame];
  const counts = await Promise.all(frames.map(countIn));
  const all = counts.reduce((sum, count) => sum + count, 0);
  const reached = new Set<string>();
  await shell.locator("#third").focus();
  for (let pressed = 0; pressed < all + 4; pressed += 1) {
    const looks = await Promise.all(
      frames.map((frame, index) =>
        frame.evaluate((at) => {
          const focused = document.activeElement;
          if (focused === null || focused === document.body || focused instanceof HTMLIFrameElement)
            return "";
          if (!document.hasFocus()) return "";
          const { outlineStyle, outlineWidth } = getComputedStyle(focused);
          const seen = outlineStyle === "none" || outlineWidth === "0px" ? " without a focus ring" : "";
          const all = [...document.querySelectorAll("button, input, select, a, summary, [tabindex]")];
          return `${at}.${all.indexOf(focused)} ${focused.id}${seen}`;
        }, index),
      ),
    );
    for (const look of looks) if (look !== "") reached.add(look);
    await shell.keyboard.press("Tab");
  }
  expect([...reached].filter((look) => look.includes("without"))).toEqual([]);
  expect(reached.size).toBe(all);
});

test.each([1_280, 390])(
  "nothing is to be scrolled sideways at %i px, and the frames are as high as needed",
  async (width) => {
    const { shell, a, b } = await harness.openBoth();
    await shell.setViewportSize({ width, height: 844 });
    for (const frame of [shell.mainFrame(), a.frame, b.frame]) {
      await expect
        .poll(() => frame.evaluate(() => document.documentElement.scrollWidth - innerWidth))
        .toBeLessThanOrEqual(0);
    }
    for (const frame of [a.frame, b.frame]) {
      await expect
        .poll(() => frame.evaluate(() => document.body.getBoundingClientRect().height - innerHeight))
        .toBeLessThanOrEqual(0);
    }
    await shell.setViewportSize({ width: 1_280, height: 900 });
  },
);

test.each([
  [1_280, 800],
  [390, 844],
])(
  "the first things to try, the states and what follows are in sight at once at %i × %i",
  async (width, height) => {
    const { shell, a } = await harness.openBoth();
    await shell.setViewportSize({ width, height });
    const buttons = ["sign-in-ada", "refresh", "sign-in-grace", "kick", "cut", "sign-out"];
    for (const id of [...buttons, "hint", "status", "happened", "strip"]) {
      const box = await a.frame.locator(`#${id}`).boundingBox();
      expect(box, id).not.toBeNull();
      expect((box?.y ?? 0) + (box?.height ?? 0), id).toBeLessThanOrEqual(height);
    }
    const states = await shell.locator("#states").boundingBox();
    expect((states?.y ?? 0) + (states?.height ?? height)).toBeLessThan(height / 2);
    // The overview can be read at the size at which it is shown, or is not shown.
    const letters = await shell.locator("#map text").first().boundingBox();
    if (letters !== null) expect(letters.height).toBeGreaterThanOrEqual(10);
    await shell.setViewportSize({ width: 1_280, height: 900 });
  },
);

test("the first visit shows something: client A signs in by itself, messages come, and what happened is said", async () => {
  const { a, b } = await harness.openFirst();
  for (const client of [a, b]) {
    await client.untilConnectedAs("Ada");
    await client.until("happened", /The server accepted the token/);
    await client.until("tick", /One each 20 ms/);
  }
});

test("what a button does and how its press ended is said below the buttons", async () => {
  const { a } = await harness.openBoth();
  await a.frame.getByRole("button", { name: "Refresh now" }).hover();
  await a.until("hint", /before a token expires/);
  await a.press("Refresh now");
  await a.until("hint", "Refresh now: done.");
});

test.each([1_280, 1_000, 390])(
  "no button moves away from under the pointer for a hint at %i px",
  async (width) => {
    const { shell, a } = await harness.openBoth();
    await shell.setViewportSize({ width, height: 800 });
    const buttons = await a.frame.locator("button:visible").all();
    for (const button of buttons) {
      const moved = await button.evaluate((element) => {
        const before = element.getBoundingClientRect().y;
        element.dispatchEvent(new PointerEvent("pointerenter"));
        return element.getBoundingClientRect().y - before;
      });
      expect(moved, await button.innerText()).toBe(0);
      await button.dispatchEvent("pointerleave");
    }
    await shell.setViewportSize({ width: 1_280, height: 900 });
  },
);

test("buttons that need a token can be pressed while somebody is signed in only", async () => {
  const { a } = await harness.openBoth();
  const button = a.frame.getByRole("button", { name: "Refresh now" });
  expect(await button.isEnabled()).toBe(true);
  await a.press("Sign out");
  await expect.poll(() => button.isDisabled()).toBe(true);
  await a.press("Sign in as Ada");
  await expect.poll(() => button.isEnabled()).toBe(true);
});

test("on a narrow page the states stay in view", async () => {
  const { shell, b } = await harness.openBoth();
  await shell.setViewportSize({ width: 390, height: 760 });
  await b.frame.locator("#disconnect").scrollIntoViewIfNeeded();
  await expect.poll(async () => (await shell.locator(".overview").boundingBox())?.y).toBe(0);
  const connected = shell.locator("#states [data-state=connected]");
  await expect.poll(() => connected.innerText()).toMatch(/A\s*B$/);
  await shell.setViewportSize({ width: 1_280, height: 900 });
});

test("dark and light have text that can be read on what is behind it", async () => {
  const { shell, a } = await harness.openBoth();
  for (const colorScheme of ["dark", "light"] as const) {
    await shell.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const frame of [shell.mainFrame(), a.frame]) expect(await faintIn(frame)).toEqual([]);
  }
  await shell.emulateMedia({ colorScheme: null });
});
