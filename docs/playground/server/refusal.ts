/** What a refused client is told: over HTTP as the body, over Socket.IO as `error.data`. All times are milliseconds. */
export interface RefusalData {
  error: "invalid_token" | "invalid_request" | "temporarily_unavailable";
  error_description: string;
  retryAfter?: number;
}

const statusOf: Record<RefusalData["error"], number> = {
  invalid_request: 400,
  invalid_token: 401,
  temporarily_unavailable: 503,
};

/** A refusal that says why. Socket.IO sends `data` along to the client's `connect_error`. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly data: RefusalData;
  readonly status: number;

  constructor(data: RefusalData) {
    super(data.error_description);
    this.data = data;
    this.status = statusOf[data.error];
  }
}
