import { invalidArgument } from '../../shared/index.ts'

const MOST = 64
const KEY = /^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u
const VALUE = /^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u

/** Throws INVALID_ARGUMENT for labels that no resource can have (cloud.google.com/pubsub/docs/labels#requirements). */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  const all = Object.entries(labels)
  if (all.length > MOST) throw invalidArgument(`Invalid labels given: ${all.length} are more than ${MOST}.`)
  for (const [key, value] of all) {
    if (!KEY.test(key)) throw invalidArgument(`Invalid label key given (key=${key}).`)
    if (!VALUE.test(value)) throw invalidArgument(`Invalid label value given (key=${key}, value=${value}).`)
  }
}
