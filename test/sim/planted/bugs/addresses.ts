/** Mistakes about whose an address is. */
import type { PlantedBug } from "../bug.ts";

const ADDRESSES = "durable/rules/addresses.ts";
const RETIRE = "durable/rules/retire.ts";

export const ADDRESS_BUGS: readonly PlantedBug[] = [
  {
    name: "new-address-is-asked-at-once",
    what: "an address that AWS has shown once is sent the probe's header",
    incident: "Karpenter 2734: a reused name led to the wrong server",
    invariants: ["I24"],
    file: ADDRESSES,
    find: "return isFirst ? { publicIp } : { publicIp, movedTick: tick, ...UNHEARD };",
    replace: "return isFirst ? { publicIp } : { publicIp, ...UNHEARD };",
  },
  {
    name: "delete-waits-for-no-word",
    what: "a server is deleted on what answers at its address, no matter who has it by now",
    incident: "Cluster Autoscaler 3886, Karpenter 651, github-runner 5085: checked, then deleted",
    invariants: ["I1", "I2", "I24"],
    file: RETIRE,
    find: "const sure = heard.filter((row) => isVouchedNow(state, row)).slice(0, room);",
    replace: "const sure = heard.slice(0, room);",
    more: [
      {
        file: "durable/rules/wanted-calls.ts",
        find: "return !row.restsOnReply || isVouched(state, row);",
        replace: "return true;",
      },
    ],
  },
  {
    name: "any-word-is-good",
    what: "a look-up that shows the server at another address is taken for AWS's word",
    incident: null,
    invariants: ["I1", "I2", "I10", "I24"],
    file: "durable/rules/absorb.ts",
    find: "const moves = isOurs ? followed(state, row, lookUp.instance) : NO_MOVES;",
    replace:
      "const moves = isOurs && row.arn === '' ? followed(state, row, lookUp.instance) : NO_MOVES;",
  },
];
