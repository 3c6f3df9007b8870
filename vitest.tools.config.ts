import { defineConfig } from 'vitest/config'
import { common, TOOLS } from './vitest.config.ts'

/** What asks the command-line tools of others, which take a second to start; where one is not installed it is skipped. */
export default defineConfig({ test: { ...common, include: TOOLS } })
