import type { AuthFault } from "./authenticate.ts";
import type { Lane } from "./throttle.ts";

/** What goes back over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error before it has the form of a protocol. Without a status the service's own table decides. */
export interface WireError {
  readonly type: string;
  readonly message: string;
  readonly status?: number | undefined;
}

/** What carrying a call out came to. */
export interface Result {
  readonly outcome: string;
  readonly hadEffect: boolean;
  readonly reply: Reply;
}

/** A call that was read off the wire by the protocol of its service, and what can become of it. */
export interface Incoming {
  readonly service: "lightsail" | "ec2";
  readonly op: string;
  readonly resources: readonly string[];
  readonly page: number;
  readonly params: unknown;
  /** Null for an operation that is not modelled. */
  readonly lane: Lane | null;
  readonly run: (region: string, asOf: number | undefined, requestId: string) => Result;
  readonly refuse: (error: WireError, requestId: string) => Reply;
  readonly denials: Readonly<Record<AuthFault, string>>;
  readonly throttled: WireError;
}
