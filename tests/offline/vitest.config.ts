import { defineConfig } from 'vitest/config'

/** What setup.test.ts runs: the kit's setup alone, as a user has it. */
export default defineConfig({
  test: { include: ['tests/offline/leaving.ts'], setupFiles: ['src/testing/setup.ts'] },
})
