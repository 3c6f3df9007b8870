import { defineConfig } from 'vitest/config'
import { common } from './vitest.config.ts'

/** What needs Java and the jars of scripts/fetch-flink.sh: `npm run test:flink` looks for both. */
export default defineConfig({
  test: {
    ...common,
    include: ['tests/flink/**/*.test.ts'],
    testTimeout: 400_000,
    // Two Flinks at once would only wait for each other.
    fileParallelism: false,
  },
})
