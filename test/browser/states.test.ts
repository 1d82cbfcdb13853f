/** States that a healthy fleet does not show, and a fleet of a thousand: the real page, on a fake API. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createPage } from "../../worker/dashboard/page.ts";
import { violations } from "./axe.ts";
import { PHONE, shoot, signIn, startBrowser, type Visit, visit } from "./browser.ts";
import { aFake, type Fake, iso, manyInstances, serveFake, statusOf } from "./fake-fleet.ts";
import { NOW } from "../worker/unlike.ts";
import { pageFiles } from "./page-files.ts";
import { A_DIALOG, A_PLAN, aFakeUnlike, SHOWN, wordsOf } from "./unlike-page.ts";

const ORIGIN = "http://lightfleet.localhost";
const MINUTE_MS = 60_000;

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});

afterAll(async () => await browser?.close());

/**
 * The page's files come from the Worker's own code, without a Worker around it.
 * @param before runs in the browser before any script of the page
 */
async function look(
  fake: Fake,
  options: Parameters<typeof visit>[2] = {},
  { now = null, before = () => undefined }: { now?: number | null; before?: () => void } = {},
): Promise<Visit> {
  const seen = await visit(browser, ORIGIN, options);
  if (now !== null) await seen.context.clock.setFixedTime(now);
  onTestFinished(async () => await seen.context.close());
  await seen.context.addInitScript(before);
  const page = createPage(await pageFiles());
  await seen.context.route(`${ORIGIN}/**`, async (route) => {
    const reply = page(new URL(route.request().url()).pathname);
    if (reply === null) return await route.fulfill({ status: 404 });
    const { "content-encoding": _packed, ...headers } = Object.fromEntries(reply.headers);
    await route.fulfill({ status: reply.status, headers, body: await reply.text() });
  });
  await serveFake(seen.context, fake);
  await signIn(seen.page, ORIGIN, "any-token");
  return seen;
}

function verdictOf({ page }: Visit) {
  return page.locator("#verdict");
}

describe("the page", () => {
  it("says what to do where there is no fleet, and shows the first one as soon as it is there", async () => {
    const fake = aFake(3);
    fake.fleets = [];
    const seen = await look(fake);

    await seen.page.getByRole("heading", { name: "No fleet yet" }).waitFor();
    await shoot(seen.page, "no-fleet");
    expect(await violations(seen.page)).toEqual([]);

    fake.fleets = ["media"];
    await seen.page.locator(".tile").first().waitFor();
  });

  it("shows every server of a list that comes page by page", async () => {
    const { page } = await look({ ...aFake(7), pageSize: 3 });

    await expect.poll(() => page.locator(".tile").count(), { timeout: 20_000 }).toBe(7);
  });

  it("goes on without a token where Cloudflare Access lets one in, and sends none", async () => {
    const { page } = await look({ ...aFake(3), broken: { status: 401, detail: "Send a token." } });
    await page.getByText("Send a token.").waitFor();
    const fake = aFake(3);
    await page.context().unroute("**/v1/**");
    await serveFake(page.context(), fake);
    const asked: (string | undefined)[] = [];
    page.on("request", (request) => void asked.push(request.headers()["authorization"]));

    await page.getByRole("button", { name: "Go on without a token" }).click();

    await page.locator(".tile").first().waitFor();
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((header) => header !== undefined)).toEqual([]);
  });

  it("shows the fleet that its address names, and lets another one be chosen", async () => {
    const fake = aFake(3);
    fake.fleets = ["calls", "media"];
    const { page } = await look(fake);
    await page.locator(".tile").first().waitFor();
    expect(await page.getByLabel("Fleet", { exact: true }).inputValue()).toBe("calls");

    await page.getByLabel("Fleet", { exact: true }).selectOption("media");
    await page.waitForURL("**#fleet=media");
    await page.goto(`${ORIGIN}/#fleet=other`);

    await page.getByRole("heading", { name: "There is no fleet other" }).waitFor();
  });

  it("tells an empty fleet from one that is not known yet", async () => {
    const { page } = await look(aFake(0));

    await page.getByText("There is no instance, and none is wanted.").waitFor();
  });

  it("says that the fleet is stale when its last tick is too long ago", async () => {
    const fake = aFake(8);
    const lastTick = fake.status.lastTick;
    if (lastTick === null) throw new Error("the fake has a tick");
    const [at, staleAt] = [iso(Date.now() - 70_000), iso(Date.now() - 10_000)];
    const verdict = { ...fake.status.verdict, staleAt };
    fake.status = { ...fake.status, verdict, lastTick: { ...lastTick, at } };

    const seen = await look(fake);

    await verdictOf(seen).getByText("Stale").waitFor();
    expect(await seen.page.locator("#verdict-why").innerText()).toMatch(/last tick was 1 min ago/u);
    expect(await violations(seen.page)).toEqual([]);
    await shoot(seen.page, "stale");
  });

  it("says that it hears nothing, keeps what it has, and goes on by itself", async () => {
    const fake = aFake(8);
    const seen = await look(fake);
    await seen.page.locator(".tile").first().waitFor();

    fake.broken = "unreachable";
    await verdictOf(seen).getByText("No contact").waitFor();
    expect(await seen.page.locator("#notice").innerText()).toContain("cannot be reached");
    expect(await seen.page.locator(".tile").count()).toBe(8);
    await shoot(seen.page, "no-contact");

    fake.broken = null;
    await verdictOf(seen).getByText("Well").waitFor({ timeout: 30_000 });
    expect(await seen.page.locator("#notice").isHidden()).toBe(true);
  });

  it("asks for a token again when it is no longer accepted, and shows nothing more", async () => {
    const fake = aFake(8);
    const { page } = await look(fake);
    await page.locator(".tile").first().waitFor();

    fake.broken = { status: 401, detail: "The token is not one of those configured." };

    await page.getByText("You were signed out.").waitFor();
    expect(await page.locator(".tile").count()).toBe(0);
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  it("shows why a change was refused, and leaves the dialog open", async () => {
    const fake = aFake(8);
    const { page } = await look(fake);
    await page.locator(".tile").first().waitFor();
    await page.getByRole("button", { name: "Override", exact: true }).click();

    fake.broken = { status: 403, detail: "This needs the role operator." };
    await page.getByRole("button", { name: "Set the override" }).click();

    await page.locator("dialog").getByText("This needs the role operator.").waitFor();
  });

  it("says what holds the fleet back, and what to do", async () => {
    const fake = heldBack();

    const seen = await look(fake, { colorScheme: "dark" });

    await verdictOf(seen).getByText("Held back").waitFor();
    const held = await seen.page.locator("#blockers").innerText();
    expect(held).toContain("raise limits.maxInstances");
    expect(held).toContain("100 of 100");
    expect(await seen.page.locator("#next").innerText()).toContain("night and weekend");
    expect(await violations(seen.page)).toEqual([]);
    await seen.page.getByRole("button", { name: "24 h" }).click();
    await shoot(seen.page, "held-back-dark");
  });

  it("lets a person refuse a jump of the tag beside the row that tells of it", async () => {
    const fake = aFake(8);
    const now = Date.now();
    const heldTag = { expression: "9999", since: iso(now), rulesAt: iso(now + 110_000) };
    fake.status = { ...fake.status, target: { ...fake.status.target, heldTag } };
    const { page } = await look(fake);

    await page.getByText("The tag jumps to 9999").waitFor();
    await page.locator("#blockers").getByRole("button", { name: "Refuse it" }).click();
    await page.locator("dialog").getByText("for as long as the tag says 9999").waitFor();
    await page.locator("#tag-reason").fill("a typo");
    const [request] = await Promise.all([
      page.waitForRequest((each) => each.method() === "POST"),
      page.locator("dialog").getByRole("button", { name: "Refuse it" }).click(),
    ]);

    expect(request.url()).toMatch(/\/v1\/fleets\/media\/target\/refuse$/u);
    expect(request.postDataJSON()).toEqual({ expression: "9999", reason: "a typo" });
    await shoot(page, "held-tag");
  });

  it("shows each figure beside the words that it belongs to, of a fleet in which no two are alike", async () => {
    const { page } = await look(aFakeUnlike(), {}, { now: NOW });
    await page.locator(".tile").first().waitFor();

    for (const [id, words] of Object.entries(SHOWN))
      await expect.poll(() => wordsOf(page, id), { message: id }).toBe(words.join(" | "));
    const pulse = await page.locator("#pulse").getAttribute("title");
    expect(pulse).toBe("The last tick took 321 ms.");

    await page.locator(".tile").first().click();
    expect(await wordsOf(page, "dialog dl")).toBe(A_DIALOG.join(" | "));
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Override", exact: true }).click();
    await page.locator("#override-spares").fill("999");
    expect(await page.locator("dialog").innerText()).toContain(A_PLAN);
  });

  it("fits a phone, whatever is on it", async () => {
    const seen = await look(heldBack(), { ...PHONE, colorScheme: "dark" });
    await seen.page.locator("#chart canvas").waitFor();

    const overflow = await seen.page.evaluate(
      () => document.documentElement.scrollWidth - innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await violations(seen.page)).toEqual([]);
    await shoot(seen.page, "phone-dark");
  });

  it("is shown whole, chart and all, in a browser whose language is no BCP 47 tag, as on a kiosk with LC_ALL=C", async () => {
    const fake = aFake(8);

    const { page, complaints } = await look(
      fake,
      {},
      {
        before: () => {
          Object.defineProperty(Navigator.prototype, "language", {
            get: () => "en-US@posix",
            configurable: true,
          });
        },
      },
    );

    await page.locator("#chart canvas").waitFor();
    expect(await page.locator(".tile").count()).toBe(8);
    expect(complaints).toEqual([]);
  });

  it("keeps its tiles, reasons and verdict where the library of the chart fails", async () => {
    const { page } = await look(
      aFake(8),
      {},
      {
        before: () => {
          Object.defineProperty(globalThis, "uPlot", {
            value: Object.assign(
              function fails() {
                throw new RangeError("no chart today");
              },
              { paths: {} },
            ),
          });
        },
      },
    );

    await page.getByText("The chart cannot be shown: no chart today").waitFor();
    expect(await page.locator(".tile").count()).toBe(8);
    expect(await page.locator("#chain li").count()).toBe(5);
    await page.locator("#verdict").getByText("Well").waitFor();
  });

  it("says which of its parts a reply breaks, shows all others, and heals with the next reply", async () => {
    const fake = aFake(8);
    const { chain } = fake.status.target;
    fake.status = { ...fake.status, target: { ...fake.status.target, chain: null as never } };
    const { page } = await look(fake);

    await page.getByText("The reasons of the target cannot be shown").waitFor();
    await page.locator("#chart canvas").waitFor();
    expect(await page.locator(".tile").count()).toBe(8);

    fake.status = { ...fake.status, target: { ...fake.status.target, chain } };
    await page
      .getByText("The reasons of the target cannot be shown")
      .waitFor({ state: "detached" });
    expect(await page.locator("#chain li").count()).toBe(5);
  });

  it("changes the tiles of a thousand servers in place, half of which change at once, and tells how long it took", async () => {
    const fake = aFake(1_000);
    const seen = await look(fake);
    const { page } = seen;
    await page.locator(".tile").nth(999).waitFor({ state: "attached" });
    await shoot(page, "thousand");
    await page.evaluate(() => {
      const found: number[] = [];
      Object.assign(globalThis, { longTasks: found });
      const note = (list: PerformanceObserverEntryList): unknown =>
        found.push(...list.getEntries().map(({ duration }) => duration));
      new PerformanceObserver(note).observe({ type: "longtask" });
      for (const tile of document.querySelectorAll(".tile")) Object.assign(tile, { seen: true });
    });

    const worst: number[] = [];
    for (let turn = 1; turn <= 3; turn += 1) {
      fake.instances = manyInstances(1_000, Date.now() + turn * MINUTE_MS, turn);
      fake.status = { ...statusOf(fake.instances, Date.now()), sessions: 5_000 + turn };
      await page.getByText(`${5_000 + turn} sessions`).waitFor();
      const busy = page.locator('.tile[data-tone="busy"]');
      await expect.poll(() => busy.count(), { timeout: 20_000 }).toBe(fake.status.counts.busy);
      worst.push(Math.max(0, ...(await page.evaluate(takeLongTasks))));
    }

    console.log(
      `1,000 servers: the longest tasks of three updates, in ms: ${worst.map(Math.round).join(", ")}`,
    );
    // Tiles that were made anew would cost long tasks; how long they are is this machine's affair.
    const kept = await page.evaluate(
      () => [...document.querySelectorAll(".tile")].filter((tile) => "seen" in tile).length,
    );
    expect(kept).toBe(1_000);
    expect(seen.complaints).toEqual([]);
  });

  it("finds one of a thousand by its name", async () => {
    const { page } = await look(aFake(1_000));
    await page.locator(".tile").nth(999).waitFor({ state: "attached" });

    await page.getByLabel("Filter instances").fill("k3d9-777");

    expect(await page.locator(".tile:visible").count()).toBe(1);
  });
});

function takeLongTasks(): number[] {
  return (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0);
}

function heldBack(): Fake {
  const fake = aFake(100);
  const { status } = fake;
  fake.status = {
    ...status,
    target: { ...status.target, spares: status.spares + 6 },
    verdict: {
      ...status.verdict,
      kind: "heldBack",
      title: "Held back",
      tone: "warn",
      cause: { kind: "guard", name: "maxInstances" },
      what: `${status.spares} of ${status.spares + 6} spares. No more servers can be launched: the fleet has reached its maximum (100 of 100).`,
      doing:
        "Lightfleet keeps what runs, and launches what is missing as soon as there is room again.",
      canDo: "You can raise limits.maxInstances in the spec.",
    },
    blockers: [
      {
        guard: "maxInstances",
        value: 100,
        limit: 100,
        since: iso(Date.now() - 12 * MINUTE_MS),
        retryAt: null,
        fix: "raise limits.maxInstances",
      },
    ],
    lastTick: {
      number: 9_182,
      at: iso(Date.now() - 2_000),
      durationMs: 83,
      decision: `held back: spares ${status.spares}, target ${status.spares + 6}, launching 4`,
      error: null,
    },
  };
  return fake;
}
