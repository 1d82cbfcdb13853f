/** The page in a real browser, on the stack of `npm start`: a real Worker, and a fleet that lives. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dayRate } from "../aws/demand/rate.ts";
import { freePort } from "../stack/ports.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import { violations } from "./axe.ts";
import { PHONE, shoot, signIn, startBrowser, type Visit, visit, weightOf } from "./browser.ts";

const TARGET = 3;
/** Two cores under load are slow; what the page promises is asked of the figures, not of these. */
const SHOWN_WITHIN_MS = 20_000;
const FIRST_LOAD_BYTES_MAX = 150_000;

let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  const port = await freePort();
  [stack, browser] = await Promise.all([
    startStack({
      speed: 10,
      target: TARGET,
      capacity: 1,
      awsPort: 0,
      port,
      seed: 7,
      rateFrom: () => dayRate({ sessionsPerHour: 4, seed: 7 }),
      signal: new AbortController().signal,
      onProblem: () => undefined,
    }),
    startBrowser(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await stack?.close();
});

/** A signed-in visitor before the fleet, who must have had nothing to complain about. */
async function visitor(options: Parameters<typeof visit>[2] = {}): Promise<Visit> {
  const seen = await visit(browser, stack.url, options);
  onTestFinished(async () => await seen.context.close());
  await signIn(seen.page, stack.url, stack.token);
  await seen.page.locator(".tile").first().waitFor({ timeout: SHOWN_WITHIN_MS });
  return seen;
}

function chain(seen: Visit) {
  return seen.page.locator("#chain li.won");
}

describe("the description of the API", () => {
  it.each([
    ["desk", {}],
    ["phone", { ...PHONE, colorScheme: "dark" as const }],
  ])("is read on a %s without a token, a script or another origin", async (name, options) => {
    const { page, context, complaints, strays } = await visit(browser, stack.url, options);
    onTestFinished(async () => await context.close());

    await page.goto(`${stack.url}/docs`);
    await page.getByRole("link", { name: "POST …/leases" }).click();

    await page.locator("#postLeases").getByText("Take slots for sessions to come").waitFor();
    expect(await violations(page)).toEqual([]);
    const wider = await page.evaluate<boolean>(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );
    expect(wider).toBe(false);
    expect(complaints).toEqual([]);
    expect(strays).toEqual([]);
    await shoot(page, `docs-${name}`);
  });
});

describe("the page", () => {
  it("shows nothing before a token, and says which one was wrong", async () => {
    const { page, context, strays } = await visit(browser, stack.url);
    onTestFinished(async () => await context.close());

    await signIn(page, stack.url, "an-invented-token-of-thirty-letters");

    await page.getByText("The token is not one of those configured").waitFor();
    expect(await page.locator(".tile").count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    expect(strays).toEqual([]);
    await shoot(page, "sign-in");
  });

  it("shows the fleet: its word, its numbers, its chart, its servers, and why", async () => {
    const seen = await visitor();
    const { page } = seen;

    await page.locator("#chart canvas").waitFor();
    await page.locator("#history-said", { hasText: "the target was met" }).waitFor();

    expect(await page.locator("#verdict").innerText()).toMatch(
      /^(Well|Growing|Short|No spares|Shrinking)$/u,
    );
    expect(await page.locator("#why-title").innerText()).toBe(`Why the target is ${TARGET}`);
    expect(await chain(seen).innerText()).toContain("Tag");
    expect(await page.locator("#log li").count()).toBeGreaterThan(3);
    expect(await page.locator("#next").innerText()).toContain("No other one is booked");
    expect(seen.complaints).toEqual([]);
    expect(seen.strays).toEqual([]);
  });

  it.each(["light", "dark"] as const)(
    "has no fault that axe-core finds, in %s",
    async (colorScheme) => {
      const { page } = await visitor({ colorScheme });
      await page.locator("#chart canvas").waitFor();

      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Override", exact: true }).click();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.locator(".tile").first().click();
      await page.locator("#dialog .events li").first().waitFor();
      expect(await violations(page)).toEqual([]);
    },
  );

  it("loads with little, and is usable at once", async () => {
    const { page, finished } = await visitor();
    const usableMs = await page.evaluate(
      () =>
        performance
          .getEntriesByType("navigation")
          .map((entry) => (entry as PerformanceNavigationTiming).domContentLoadedEventEnd)[0],
    );

    const files = finished.filter((request) => !new URL(request.url()).pathname.startsWith("/v1/"));
    const sum = (await Promise.all(files.map(weightOf))).reduce((total, size) => total + size, 0);
    console.log(
      `first load: ${sum} bytes in ${files.length} files, usable after ${Math.round(usableMs ?? 0)} ms`,
    );
    expect(sum).toBeGreaterThan(10_000);
    expect(sum).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  });

  it("overrides the target, after it said what that will do, and ends it again", async () => {
    const seen = await visitor();
    const { page } = seen;

    await page.getByRole("button", { name: "Override", exact: true }).click();
    await page.getByLabel("Spares:").fill("5");
    expect(await page.locator(".plan").innerText()).toContain("keeps 5 spares instead of 3");
    await page.getByLabel("Reason").fill("a rehearsal");
    await page.getByRole("button", { name: "Set the override" }).click();

    await page.getByText("Why the target is 5").waitFor();
    expect(await chain(seen).innerText()).toContain("a rehearsal");
    expect((await stack.client.status("media")).target).toEqual({ spares: 5, source: "override" });

    await page.getByRole("button", { name: "End override" }).click();
    await page.getByText("The target goes from 5 to 3").waitFor();
    await page.getByRole("button", { name: "End it" }).click();
    await page.getByText("Why the target is 3").waitFor();
    expect(seen.complaints).toEqual([]);
  });

  it("drains a server, whose tile then says so, and protects it", async () => {
    const { page, complaints } = await visitor();
    const tile = page.locator('[aria-label="Ready"] .tile').first();
    await tile.waitFor({ timeout: SHOWN_WITHIN_MS });
    const name = await tile.getAttribute("value");
    const one = page.locator(`.tile[value="${name}"]`);

    await one.click();
    await page.getByRole("button", { name: "Protect" }).click();
    await page.getByRole("button", { name: "Protect" }).click();
    await one.getByText("protected").waitFor();

    await one.click();
    await page.getByRole("button", { name: "Drain" }).click();
    await page.getByLabel("When it is empty").selectOption("hold");
    expect(await page.locator(".plan").innerText()).toContain(
      "it is kept, until you take the drain back",
    );
    await page.getByRole("button", { name: "Drain", exact: true }).click();

    await page.locator(`[aria-label="Draining"] .tile[value="${name}"]`).waitFor();
    await shoot(page, "draining");
    expect(complaints).toEqual([]);
  });

  it("pauses and resumes", async () => {
    const { page } = await visitor();

    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByLabel("retire").check();
    await page.getByText("No server is taken away for surplus").waitFor();
    await page.locator("dialog").getByRole("button", { name: "Pause" }).click();

    await page.getByText("Retire is paused", { exact: true }).waitFor();
    await page.locator("#blockers").getByRole("button", { name: "Resume" }).click();
    await page.locator("dialog").getByRole("button", { name: "Resume" }).click();
    await page.getByText("Retire is paused", { exact: true }).waitFor({ state: "detached" });
  });

  it("is led by the keyboard alone: the tiles are one stop, and the arrows go on from there", async () => {
    const { page } = await visitor();
    await page.locator(".tile").nth(1).waitFor({ timeout: SHOWN_WITHIN_MS });

    await page.getByLabel("Filter instances").focus();
    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement?.getAttribute("value"));
    await page.keyboard.press("ArrowRight");
    const second = await page.evaluate(() => document.activeElement?.getAttribute("value"));
    await page.keyboard.press("Enter");

    expect(first).toMatch(/^media-/u);
    expect(second).not.toBe(first);
    await page.getByRole("heading", { name: second ?? "" }).waitFor();
  });

  it("forgets the token when it is told to sign out", async () => {
    const { page } = await visitor();

    await page.getByRole("button", { name: "Sign out" }).click();

    await page.getByLabel("Token", { exact: true }).waitFor();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    expect(await page.locator(".tile").count()).toBe(0);
  });

  it("fits a phone", async () => {
    const { page } = await visitor(PHONE);
    await page.locator("#chart canvas").waitFor();

    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await shoot(page, "phone", { fullPage: true });
  });
});
