import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { RequestHandler } from 'express';

/**
 * Sets OpenTelemetry up for this process, once: the second factor finds it by itself. What it gives back
 * answers Prometheus.
 */
export function startMetrics(): RequestHandler {
  // The bank has a server already, and a gauge of the process tells nobody more.
  const reader = new PrometheusExporter({
    preventServerStart: true,
    withResourceConstantLabels: /^$/,
  });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  return (req, res) => reader.getMetricsRequestHandler(req, res);
}
