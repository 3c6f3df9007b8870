import { defineConfig } from 'vitest/config'
import { common } from './vitest.config.ts'

/** What needs a Docker engine and the images of docker-compose.yml: `npm run test:docker` brings both. */
export default defineConfig({
  test: {
    ...common,
    include: ['tests/docker/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Containers of several files at once would only wait for each other.
    fileParallelism: false,
    // Its image removes what a killed run leaves; scripts/docker/clean.sh does that without one more image to pull.
    env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
  },
})
