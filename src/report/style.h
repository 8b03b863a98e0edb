/* SPDX-License-Identifier: BSD-3-Clause */
/* The page's look.  One column of sections that fits a phone; pictures side by side where there is room; wide tables
 * scroll in their own box.  Pictures keep a white card in dark mode: their letters are dark. */
#ifndef AZ_REPORT_STYLE_H
#define AZ_REPORT_STYLE_H

static const char page_style[] =
    ":root{color-scheme:light dark;--ink:#1d2329;--soft:#5b6570;--line:#d9dee3;--paper:#f6f7f8;--card:#fff;"
    "--accent:#00649c}"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e8eb;--soft:#a3adb6;--line:#3a424a;--paper:#15191d;"
    "--card:#1e2429;--accent:#6cb8e6}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'Liberation Sans',sans-serif;overflow-wrap:anywhere}"
    "main{max-width:72rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}"
    "h2{font-size:1.15rem;margin:0 0 .6rem}"
    "p{margin:.5rem 0;max-width:46rem}"
    ".lead{font-size:1.1rem}"
    "nav{margin:.8rem 0;font-size:.92rem}nav a{margin-right:1rem;white-space:nowrap}"
    "a{color:var(--accent)}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;margin:1rem 0}"
    ".small,figcaption{color:var(--soft);font-size:.86rem}"
    ".figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem;"
    "align-items:start}"
    "figure{margin:0;max-width:38rem}"
    ".card{background:#fff;border-radius:6px}"
    ".card svg{display:block;width:100%;height:auto}"
    ".missing{border:1px dashed var(--line);border-radius:6px;padding:1.5rem 1rem;color:var(--soft)}"
    ".scroll{overflow-x:auto;margin:.6rem 0}"
    "table{border-collapse:collapse;font-size:.92rem;overflow-wrap:normal}"
    "th,td{padding:.3rem .7rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:middle}"
    "th{font-weight:600;max-width:16rem}"
    "thead th{color:var(--soft);font-weight:500;vertical-align:bottom}"
    ".numbers td,.numbers thead th:not(:first-child){text-align:right;font-variant-numeric:tabular-nums;"
    "white-space:nowrap}"
    ".numbers .words,.numbers thead th.words:not(:first-child){text-align:left;white-space:normal}"
    ".numbers td.words{min-width:4.5rem}.numbers td.meaning{min-width:10rem}"
    "tr.chosen{background:rgba(0,114,178,.1)}"
    ".heat td{text-align:center;line-height:1.2}"
    ".spark{width:100px;height:24px;display:block;fill:#3d8fc0}"
    "pre,code{font-family:ui-monospace,'Liberation Mono',Menlo,monospace;font-size:.9em}"
    "pre{white-space:pre-wrap;background:var(--paper);border-radius:6px;padding:.7rem;margin:.6rem 0}"
    "ul{padding-left:1.2rem}"
    "@media(max-width:480px){main{padding:.5rem}section{padding:.75rem}th,td{padding:.3rem .45rem}"
    ".numbers .wide{display:none}}"
    "@media print{body{background:#fff}section{border:0;padding:0;break-inside:avoid}nav{display:none}}";

#endif
