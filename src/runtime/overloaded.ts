/** A bounded waiting room is full: the request was not taken, and may be sent again later. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded';
  readonly retryAfterSeconds: number;
  constructor(room: string, retryAfterSeconds: number) {
    super(`${room} is full`);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
