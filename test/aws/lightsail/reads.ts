import { BLUEPRINTS, bundlesOf } from "../cloud/catalogue.ts";
import type { InstanceView } from "../cloud/view.ts";
import type { Operation } from "../cloud/operation.ts";
import { isRefusal, refuse, type Refusal } from "../cloud/refusal.ts";
import type { LightsailCall } from "./call.ts";
import {
  BUNDLES_PER_PAGE,
  cutPage,
  INSTANCES_PER_PAGE,
  NAMED_PER_PAGE,
  OPERATIONS_PER_PAGE,
  readPageToken,
} from "./page.ts";
import {
  type JsonObject,
  renderBlueprint,
  renderBundle,
  renderInstance,
  renderKeyPair,
  renderOperation,
  renderPortState,
  renderRegions,
  renderSnapshot,
  renderState,
} from "./render.ts";
import * as requests from "./requests.ts";

type Answer = JsonObject | Refusal;

export function getInstance(call: LightsailCall): Answer {
  const view = findView(call);
  return isRefusal(view) ? view : { instance: renderInstance(view) };
}

export function getInstanceState(call: LightsailCall): Answer {
  const view = findView(call);
  return isRefusal(view) ? view : { state: renderState(view.state) };
}

export function getInstancePortStates(call: LightsailCall): Answer {
  const view = findView(call);
  return isRefusal(view) ? view : { portStates: view.firewall.map(renderPortState) };
}

export function getInstances({ cloud, region, input, asOf }: LightsailCall): Answer {
  const start = readPageToken("GetInstances", requests.Page.parse(input).pageToken);
  if (isRefusal(start)) return start;
  const views = cloud.list(region, asOf, start.after, INSTANCES_PER_PAGE + 1);
  const { rows, ...rest } = cutPage(
    "GetInstances",
    start,
    views,
    INSTANCES_PER_PAGE,
    (view) => view.instance.seq,
  );
  return { instances: rows.map(renderInstance), ...rest };
}

export function getOperation({ cloud, region, input }: LightsailCall): Answer {
  const { operationId } = requests.OneOperation.parse(input);
  const operation = cloud.operations(region).find(operationId);
  if (operation === null)
    return refuse("NotFoundException", `The Operation does not exist: ${operationId}`);
  return { operation: renderOperation(operation, cloud.now()) };
}

export function getOperations(call: LightsailCall): Answer {
  const { pageToken } = requests.Page.parse(call.input);
  return operationsPage(call, "GetOperations", pageToken, call.cloud.operations(call.region).all());
}

export function getOperationsForResource(call: LightsailCall): Answer {
  const { resourceName, pageToken } = requests.OneResourcePage.parse(call.input);
  const operations = call.cloud.operations(call.region).of(resourceName);
  return operationsPage(call, "GetOperationsForResource", pageToken, operations);
}

export function getBundles({ region, input }: LightsailCall): Answer {
  const { includeInactive, appCategory, pageToken } = requests.CataloguePage.parse(input);
  const start = readPageToken("GetBundles", pageToken);
  if (isRefusal(start)) return start;
  // The one category there is, Lightsail for Research, is not modelled: nothing is sold in it.
  const bundles = appCategory === undefined ? bundlesOf(region) : [];
  const after = bundles
    .filter((bundle) => bundle.isActive || includeInactive)
    .map((bundle, index) => ({ bundle, seq: index + 1 }))
    .filter(({ seq }) => seq > start.after);
  const { rows, ...rest } = cutPage("GetBundles", start, after, BUNDLES_PER_PAGE, (row) => row.seq);
  return { bundles: rows.map(({ bundle }) => renderBundle(bundle)), ...rest };
}

export function getBlueprints({ input }: LightsailCall): Answer {
  const { includeInactive, appCategory, pageToken } = requests.CataloguePage.parse(input);
  if (pageToken !== undefined)
    return refuse("InvalidInputException", "The page token is not valid.");
  const blueprints = appCategory === undefined ? BLUEPRINTS : [];
  return {
    blueprints: blueprints.filter((one) => one.isActive || includeInactive).map(renderBlueprint),
  };
}

export function getRegions({ input }: LightsailCall): Answer {
  const request = requests.Regions.parse(input);
  const { includeAvailabilityZones, includeRelationalDatabaseAvailabilityZones } = request;
  return {
    regions: renderRegions(includeAvailabilityZones, includeRelationalDatabaseAvailabilityZones),
  };
}

export function getKeyPair({ cloud, region, input }: LightsailCall): Answer {
  const { keyPairName } = requests.OneKeyPair.parse(input);
  const keyPair = cloud.keyPair(region, keyPairName);
  if (keyPair === null)
    return refuse("NotFoundException", `The KeyPair does not exist: ${keyPairName}`);
  return { keyPair: renderKeyPair(keyPair, region, cloud.now()) };
}

export function getInstanceSnapshot({ cloud, region, input }: LightsailCall): Answer {
  const { instanceSnapshotName } = requests.OneSnapshot.parse(input);
  const snapshot = cloud.snapshot(region, instanceSnapshotName);
  if (snapshot === null)
    return refuse(
      "NotFoundException",
      `The InstanceSnapshot does not exist: ${instanceSnapshotName}`,
    );
  return { instanceSnapshot: renderSnapshot(snapshot, region, cloud.now()) };
}

/** The default key pair comes into being with the first instance that needs it, and is not modelled. */
export function getKeyPairs({ cloud, region, input }: LightsailCall): Answer {
  const { pageToken } = requests.KeyPairs.parse(input);
  const page = namedPage("GetKeyPairs", pageToken, cloud.keyPairs(region));
  if (isRefusal(page)) return page;
  const { rows, ...rest } = page;
  return { keyPairs: rows.map((keyPair) => renderKeyPair(keyPair, region, cloud.now())), ...rest };
}

export function getInstanceSnapshots({ cloud, region, input }: LightsailCall): Answer {
  const { pageToken } = requests.Page.parse(input);
  const page = namedPage("GetInstanceSnapshots", pageToken, cloud.snapshots(region));
  if (isRefusal(page)) return page;
  const { rows, ...rest } = page;
  return {
    instanceSnapshots: rows.map((snapshot) => renderSnapshot(snapshot, region, cloud.now())),
    ...rest,
  };
}

/** A page of things that are never taken away, in the order in which they came. */
function namedPage<Named>(operation: string, pageToken: string | undefined, all: readonly Named[]) {
  const start = readPageToken(operation, pageToken);
  if (isRefusal(start)) return start;
  const after = all
    .map((one, index) => ({ one, seq: index + 1 }))
    .filter(({ seq }) => seq > start.after);
  const { rows, ...rest } = cutPage(operation, start, after, NAMED_PER_PAGE, ({ seq }) => seq);
  return { rows: rows.map(({ one }) => one), ...rest };
}

function findView({ cloud, region, input, asOf }: LightsailCall): InstanceView | Refusal {
  return cloud.find(region, requests.OneInstance.parse(input).instanceName, asOf);
}

function operationsPage(
  { cloud }: LightsailCall,
  name: string,
  pageToken: string | undefined,
  operations: readonly Operation[],
): Answer {
  const start = readPageToken(name, pageToken);
  if (isRefusal(start)) return start;
  const after = operations.filter((operation) => operation.seq > start.after);
  const { rows, ...rest } = cutPage(
    name,
    start,
    after,
    OPERATIONS_PER_PAGE,
    (operation) => operation.seq,
  );
  return { operations: rows.map((operation) => renderOperation(operation, cloud.now())), ...rest };
}
