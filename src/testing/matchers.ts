/** What a matcher answers to vitest, or to Jest. */
export interface Matched {
  readonly pass: boolean
  /** Why `expect(…)`, or `expect(…).not` where it passes, has failed. */
  readonly message: () => string
}

/** For `expect.extend(matchers)`, which `sluice/testing/setup` does. Each loads what it needs when it is used. */
export const matchers = {
  toReconcile: async (stack: unknown): Promise<Matched> => (await import('./to-reconcile.ts')).toReconcile(stack),
  toHaveRow: async (stack: unknown, table: string, columns: Record<string, unknown>): Promise<Matched> =>
    (await import('./to-have-row.ts')).toHaveRow(stack, table, columns),
  toMatchFixture: async (stack: unknown, folder: string): Promise<Matched> =>
    (await import('./to-match-fixture.ts')).toMatchFixture(stack, folder),
}
