import type { Result, Subject, Table } from "./subject.js";
export const markdown = ({ columns, rows }: Table): string => [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
