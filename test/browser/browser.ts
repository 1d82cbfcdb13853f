/**
 * A real browser for the tests of the page: the Chromium of @sparticuz/chromium where it runs (Linux on
 * x64), else the Chrome that is installed; `CHROMIUM_PATH` names another one.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from "playwright-core";

export const ARTEFACTS = join(import.meta.dirname, "../../build/dashboard");

/** Its package brings the libraries that a bare machine lacks, but only where it believes to be on AWS Lambda. */
const PRETENDED = { name: "AWS_LAMBDA_JS_RUNTIME", value: "nodejs24.x" } as const;

export async function startBrowser(): Promise<Browser> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const args = ["--no-sandbox", "--disable-gpu"];
  const named = process.env["CHROMIUM_PATH"];
  if (named !== undefined) return await chromium.launch({ executablePath: named, args });
  if (process.platform !== "linux" || process.arch !== "x64")
    return await chromium.launch({ channel: "chrome", args });

  const { LD_LIBRARY_PATH: before } = process.env;
  process.env[PRETENDED.name] ??= PRETENDED.value;
  const { default: packed } = await import("@sparticuz/chromium");
  const executablePath = await packed.executablePath();
  const env = { ...process.env };
  // The libraries are the browser's alone: other children of this process have their own.
  if (before === undefined) delete process.env["LD_LIBRARY_PATH"];
  else process.env["LD_LIBRARY_PATH"] = before;
  return await chromium.launch({ executablePath, args, env });
}

/** A page of its own, and everything that it must not have done. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, and what was thrown. */
  readonly complaints: string[];
  /** Requests to any other origin. */
  readonly strays: string[];
  /** Requests whose replies are here whole. */
  readonly finished: Request[];
}

const DESKTOP = { width: 1280, height: 900 };
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

export async function visit(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: DESKTOP,
    locale: "en-GB",
    timezoneId: "Asia/Seoul",
    colorScheme: "light",
    ...options,
  });
  const page = await context.newPage();
  const seen: Visit = { page, context, complaints: [], strays: [], finished: [] };
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  page.on("console", (message) => {
    const isBad = message.type() === "error" || message.type() === "warning";
    if (isBad) seen.complaints.push(message.text());
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin) seen.strays.push(url.href);
  });
  page.on("requestfinished", (request) => seen.finished.push(request));
  return seen;
}

/** Bytes of the reply as it came over the wire, headers and all. Asks the page, which must still be open. */
export async function weightOf(request: Request): Promise<number> {
  const { responseBodySize, responseHeadersSize } = await request.sizes();
  return responseBodySize + responseHeadersSize;
}

/** Types the token and presses Enter, as a person would. */
export async function signIn(page: Page, origin: string, token: string): Promise<void> {
  await page.goto(`${origin}/`);
  await page.getByLabel("Token", { exact: true }).fill(token);
  await page.keyboard.press("Enter");
}

export async function shoot(page: Page, name: string, options: { fullPage?: boolean } = {}) {
  await page.screenshot({ path: join(ARTEFACTS, `${name}.png`), ...options });
}
