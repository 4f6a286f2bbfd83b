export type {
  Options,
  ReportChart,
  ReportInput,
  ReportNetwork,
  ReportRun,
  ReportTable,
} from "./input.js";
export { type ReportFiles, renderReport } from "./report.js";
export { type Drawing, type Specification, toSvg } from "./vega.js";
