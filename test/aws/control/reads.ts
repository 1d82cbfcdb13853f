import type { InstanceView } from "../cloud/view.ts";
import { REGIONS } from "../cloud/regions.ts";
import type { Wire } from "../wire/wire.ts";

type Read = (wire: Wire, query: URLSearchParams) => unknown;

/** What can be looked at: the name after `/_control/`, and its answer. */
export const READS: Readonly<Record<string, Read | undefined>> = {
  state: ({ cloud, calls, faults }) => ({
    now: cloud.now(),
    timing: cloud.timing,
    servers: cloud.servers().length,
    created: cloud.everCreated().length,
    deletions: cloud.deletions().length,
    faults: faults.list().length,
    counts: calls.counts(),
  }),
  servers: ({ cloud }, query) => cloud.servers(query.get("region") ?? undefined),
  instances: ({ cloud }, query) =>
    regionsOf(query).flatMap((region) => cloud.list(region).map(renderView)),
  created: ({ cloud }) => cloud.everCreated(),
  deletions: ({ cloud }) => cloud.deletions(),
  bill: ({ cloud }) => cloud.bill(),
  calls: ({ calls }, query) =>
    calls.list({ afterIndex: Number(query.get("after") ?? 0), op: query.get("op") ?? undefined }),
  faults: ({ faults }) => faults.list(),
};

function regionsOf(query: URLSearchParams): string[] {
  const region = query.get("region");
  return region === null ? [...REGIONS.keys()] : [region];
}

function renderView({ instance, state, publicIp, tags, firewall }: InstanceView): unknown {
  const { name, arn, region, zone, createdAt, bundle, blueprint } = instance;
  const size = { bundleId: bundle.id, blueprintId: blueprint.id };
  return { name, arn, region, zone, createdAt, ...size, state, publicIp, tags, firewall };
}
