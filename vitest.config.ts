import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{clock,emulators,src,pipeline,tests}/**/*.test.ts'],
    setupFiles: ['tests/offline/setup.ts'],
    testTimeout: 20_000,
  },
})
