/** An answer already encoded (by a service behind the local cloud); the gateway sends it as it is. */
export class RawResponse {
  constructor(
    readonly status: number,
    readonly headers: Readonly<Record<string, string>>,
    readonly body: Buffer,
  ) {}
}
