/** 0, 3, 6 or 9 digits after the second, as Pub/Sub itself writes times in JSON. */
export const shortestTime = (time: string): string => time.replace(/(?:\.000000000|000000|000)Z$/, 'Z')
