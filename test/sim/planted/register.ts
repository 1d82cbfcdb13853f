/** Preloaded with `--import` before the simulator: plants the bug that `LIGHTFLEET_PLANTED` names. */
import { PLANTED } from "./bugs.ts";
import { plant } from "./hook.ts";

const name = process.env["LIGHTFLEET_PLANTED"] ?? "";
if (name !== "") {
  const bug = PLANTED.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`no planted bug has the name ${name}`);
  plant(bug);
}
