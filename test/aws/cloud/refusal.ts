/** The errors that Lightsail's model and its "Common errors" page name and that this model can give. */
export type LightsailError =
  | "AccessDeniedException"
  | "InvalidInputException"
  | "NotFoundException"
  | "OperationFailureException"
  | "ServiceException"
  | "SerializationException"
  | "UnknownOperationException";

/** A call that AWS would not carry out. Nothing has changed. */
export interface Refusal {
  readonly refused: LightsailError;
  readonly message: string;
}

/** Makes a refusal. */
export function refuse(refused: LightsailError, message: string): Refusal {
  return { refused, message };
}

/** Tells a refusal from a result. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "refused" in value;
}
