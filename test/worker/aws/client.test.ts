import { describe, expect, it, vi } from "vitest";
import {
  ANSWER_BYTES_MAX,
  type Aws,
  callAws as callWithoutEnd,
} from "../../../worker/aws/client.ts";
import { mustEnd } from "../../must-end.ts";
import { type FakeAws, fakeAws, json, manualClock, siteIn, testConfig } from "./support.ts";

const GET_INSTANCES = {
  service: "lightsail",
  headers: {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": "Lightsail_20161128.GetInstances",
  },
  body: "{}",
} as const;

const callAws: typeof callWithoutEnd = (aws, ...given) =>
  mustEnd(callWithoutEnd(aws, ...given), "the call of AWS", aws.clock);

function awsOver(fake: FakeAws, env: Record<string, string> = {}) {
  const clock = manualClock();
  return { config: testConfig(env), fetch: fake.fetch, clock } satisfies Aws;
}

function networkError(code: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error("why"), { code }) });
}

describe("a call of AWS", () => {
  it("goes to the region's own address, signed as the reference vector says", async () => {
    const fake = fakeAws(() => json({}));
    const aws = awsOver(fake);
    const clock = { ...aws.clock, now: () => Date.UTC(2015, 7, 30, 12, 36, 0) };

    await callAws({ ...aws, clock }, siteIn("eu-west-1"), GET_INSTANCES);

    expect(fake.seen[0]?.url).toBe("https://lightsail.eu-west-1.amazonaws.com/");
    expect(fake.seen[0]?.headers.get("x-amz-date")).toBe("20150830T123600Z");
    expect(fake.seen[0]?.headers.get("content-type")).toBe("application/x-amz-json-1.1");
    expect(fake.seen[0]?.headers.get("authorization")).toContain(
      "Signature=0fc1554437bbb8ec2158db711c7958036df1ec26e8ea345a6f823923cc51411d",
    );
  });

  it("goes to AWS_ENDPOINT_URL for every service, with the session token", async () => {
    const fake = fakeAws(() => json({}));
    const env = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_SESSION_TOKEN: "session" };

    await callAws(awsOver(fake, env), siteIn(), { ...GET_INSTANCES, service: "ec2" });

    expect(fake.seen[0]?.url).toBe("http://127.0.0.1:4566/");
    expect(fake.seen[0]?.headers.get("x-amz-security-token")).toBe("session");
    expect(fake.seen[0]?.headers.get("authorization")).toContain(
      "/ap-northeast-2/ec2/aws4_request",
    );
  });

  it("is sent once, whatever comes back", async () => {
    const fake = fakeAws(() => new Response("busy", { status: 503 }));

    const reply = await callAws(awsOver(fake), siteIn(), GET_INSTANCES);

    expect(reply).toMatchObject({ kind: "answer", status: 503, body: "busy" });
    expect(fake.seen).toHaveLength(1);
  });

  it("is not sent without credentials, and says what to set", async () => {
    const fake = fakeAws(() => json({}));

    const reply = await callAws(awsOver(fake, { AWS_ACCESS_KEY_ID: "" }), siteIn(), GET_INSTANCES);

    expect(reply).toEqual({
      kind: "unsent",
      message: "AWS_ACCESS_KEY_ID is not set: run `wrangler secret put AWS_ACCESS_KEY_ID`",
    });
    expect(fake.seen).toHaveLength(0);
  });

  it("is not sent after its time", async () => {
    const fake = fakeAws(() => json({}));
    const aws = awsOver(fake);

    const late = { ...siteIn(), notAfter: aws.clock.now() - 1 };
    const over = siteIn("eu-west-1", AbortSignal.abort(new Error("the act is over")));

    expect((await callAws(aws, late, GET_INSTANCES)).kind).toBe("unsent");
    expect((await callAws(aws, over, GET_INSTANCES)).kind).toBe("unsent");
    expect(fake.seen).toHaveLength(0);
  });

  it("is sent in the very moment that its time allows", async () => {
    const fake = fakeAws(() => json({}));
    const aws = awsOver(fake);

    const reply = await callAws(aws, { ...siteIn(), notAfter: aws.clock.now() }, GET_INSTANCES);

    expect(reply.kind).toBe("answer");
  });

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"])("is unsent on %s", async (code) => {
    const fake = fakeAws(() => Promise.reject(networkError(code)));

    expect((await callAws(awsOver(fake), siteIn(), GET_INSTANCES)).kind).toBe("unsent");
  });

  it.each(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET", ""])(
    "is perhaps sent on '%s'",
    async (code) => {
      const fake = fakeAws(() => Promise.reject(networkError(code)));

      expect((await callAws(awsOver(fake), siteIn(), GET_INSTANCES)).kind).toBe("lost");
    },
  );

  it("is lost after 8 s, even where the fetch does not listen, and lets a late answer go", async () => {
    let answer = (_late: Response): void => undefined;
    const fake = fakeAws(() => new Promise<Response>((resolve) => (answer = resolve)));
    const aws = awsOver(fake);
    const cancelled = vi.fn<() => void>();

    const pending = callAws(aws, siteIn(), GET_INSTANCES);
    await vi.waitFor(() => expect(fake.seen).toHaveLength(1));
    aws.clock.advance(7_999);
    expect(fake.seen[0]?.signal.aborted).toBe(false);
    aws.clock.advance(1);

    expect(await pending).toEqual({
      kind: "lost",
      message: "no answer from https://lightsail.ap-northeast-2.amazonaws.com/: no end within 8 s",
    });
    expect(fake.seen[0]?.signal.aborted).toBe(true);
    answer(new Response(new ReadableStream({ cancel: cancelled })));
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled());
  });

  it("is lost where the body does not end in time", async () => {
    const cancelled = vi.fn<() => void>();
    const fake = fakeAws(() => new Response(new ReadableStream({ cancel: cancelled })));
    const aws = awsOver(fake);

    const pending = callAws(aws, siteIn(), GET_INSTANCES);
    await vi.waitFor(() => expect(fake.seen).toHaveLength(1));
    aws.clock.advance(8_000);

    expect((await pending).kind).toBe("lost");
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalled());
  });

  it("is lost where the body is larger than the limit, and the rest is not read", async () => {
    const piece = new Uint8Array(1024 * 1024);
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulls += 1;
        controller.enqueue(piece);
      },
    });
    const fake = fakeAws(() => new Response(endless));

    const reply = await callAws(awsOver(fake), siteIn(), GET_INSTANCES);

    expect(reply).toEqual({
      kind: "lost",
      message: `HTTP 200, but its body: larger than ${ANSWER_BYTES_MAX} bytes`,
    });
    expect(pulls).toBeLessThan(ANSWER_BYTES_MAX / piece.byteLength + 4);
  });

  it("leaves no timer behind", async () => {
    const aws = awsOver(fakeAws(() => json({})));

    await callAws(aws, siteIn(), GET_INSTANCES);

    expect(aws.clock.pending()).toBe(0);
  });

  it("does not repeat the credentials that AWS repeats when it refuses a signature", async () => {
    const fake = fakeAws(({ headers }) => {
      const signed = [...headers].map(([name, value]) => `${name}:${value}`).join("\n");
      const message = `The Canonical String for this request should have been '${signed}'`;
      return json({ __type: "SignatureDoesNotMatch", message }, 403);
    });
    const aws = awsOver(fake, { AWS_SESSION_TOKEN: "session-secret" });

    const reply = JSON.stringify(await callAws(aws, siteIn(), GET_INSTANCES));

    expect(reply).toContain("x-amz-security-token:(hidden)");
    expect(reply).not.toMatch(/session-secret|AKIDEXAMPLE/u);
  });

  it("never tells the secret key or the session token", async () => {
    const fake = fakeAws(() => Promise.reject(networkError("ECONNRESET")));
    const aws = awsOver(fake, { AWS_SESSION_TOKEN: "session-secret" });

    const reply = JSON.stringify(await callAws(aws, siteIn(), GET_INSTANCES));

    expect(reply).not.toContain("wJalrXUtnFEMI");
    expect(reply).not.toContain("session-secret");
  });
});
