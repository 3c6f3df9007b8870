/** `12345` as `12,345`: the same on every machine. */
export const count = (n: number): string => n.toLocaleString('en-US')

/** `1 message`, `2 messages`. */
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`

/** Rows of two columns, names to the left and figures to the right, under a heading. */
export function figures(heading: string, rows: readonly (readonly [name: string, figure: string])[]): string {
  const left = Math.max(...rows.map(([name]) => name.length))
  const right = Math.max(...rows.map(([, figure]) => figure.length))
  return [heading, ...rows.map(([name, figure]) => `  ${name.padEnd(left)}  ${figure.padStart(right)}`)].join('\n')
}
