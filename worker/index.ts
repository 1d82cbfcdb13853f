export { Fleet } from "../durable/fleet.ts";
export { Directory } from "../durable/directory.ts";
