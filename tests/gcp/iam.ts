/** google.iam.v1.TestIamPermissions on the wire: strings alone, so there is nothing to load for them. */

/** The permissions that a request asks for (field 2), but for those that are denied. */
export function grantedOf(frame: Buffer, denied: ReadonlySet<string>): string[] {
  const granted: string[] = []
  for (let at = 5; at < frame.length; ) {
    const field = frame[at]! >> 3
    const length = frame[at + 1]! // every name is shorter than 128
    const value = frame.subarray(at + 2, at + 2 + length).toString()
    if (field === 2 && !denied.has(value)) granted.push(value)
    at += 2 + length
  }
  return granted
}

/** The response (field 1) in gRPC's frame: not compressed, and its length. */
export function permissionsResponse(permissions: readonly string[]): Buffer {
  const fields = permissions.map((name) => Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]))
  const message = Buffer.concat(fields)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}
