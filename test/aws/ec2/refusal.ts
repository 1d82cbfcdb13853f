/** EC2's error codes that this model can give, with their HTTP status. Statuses but 503 are from memory (unverified). */
export const EC2_STATUS = {
  AuthFailure: 401,
  SignatureDoesNotMatch: 403,
  RequestExpired: 400,
  IncompleteSignature: 400,
  MissingAuthenticationToken: 403,
  UnauthorizedOperation: 403,
  InvalidAction: 400,
  MissingAction: 400,
  MissingParameter: 400,
  InvalidParameterValue: 400,
  InvalidPaginationToken: 400,
  InvalidID: 400,
  TagLimitExceeded: 400,
  DryRunOperation: 412,
  RequestLimitExceeded: 503,
  InternalError: 500,
  Unavailable: 503,
} as const;

export type Ec2Error = keyof typeof EC2_STATUS;

/** A call that EC2 would not carry out. */
export interface Ec2Refusal {
  readonly code: Ec2Error;
  readonly message: string;
}

/** Makes a refusal. */
export function refuseEc2(code: Ec2Error, message: string): Ec2Refusal {
  return { code, message };
}
