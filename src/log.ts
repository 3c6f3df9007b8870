import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Cloud Logging's names of pino's levels (cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity). */
const SEVERITIES: Readonly<Record<string, string>> = {
  trace: 'DEBUG',
  debug: 'DEBUG',
  info: 'INFO',
  warn: 'WARNING',
  error: 'ERROR',
  fatal: 'CRITICAL',
}

/** One JSON object a line, in the form that Cloud Logging reads: severity, message, time. */
export const createLog = (component: string, destination?: DestinationStream): Logger =>
  pino(
    {
      base: { component },
      messageKey: 'message',
      errorKey: 'error',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: SEVERITIES[label] ?? 'DEFAULT' }) },
    },
    ...(destination ? [destination] : []),
  )
