/** The headers of replies that more than one operation sends. */

/** Every reply of the API has these. */
export const ALWAYS_SENT = ["X-Request-Id", "Server-Timing", "Cache-Control"] as const;

export const HEADERS = {
  "X-Request-Id": header("The id of the request in the Worker's log.", "build-42"),
  "Server-Timing": header(
    "Milliseconds in all, and of those the ones spent waiting for the fleet's object.",
    "total;dur=12, object;dur=8",
  ),
  "Cache-Control": header("Whether the reply may be stored.", "no-store"),
  "Retry-After": header("Repeat the request after so many seconds.", "5"),
  "WWW-Authenticate": header("What is wanted.", 'Bearer realm="lightfleet"'),
};

function header(description: string, example: string) {
  return { description, schema: { type: "string" as const }, example };
}
