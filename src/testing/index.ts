/** What tests of a team's own start: replaced by the testing kit. */
export { type Stack, type StackOptions, startStack } from '../stack/index.ts'
