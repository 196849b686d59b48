import { describe, expect, test } from "vitest";
import { findMarkupError } from "../harness/well-formed.ts";

describe("the markup checker", () => {
  test("accepts pages and drawings", () => {
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><style>a > b{}</style></head>
      <body><!-- a note --><p class="a b">1 &lt; 2 &amp; 3 &gt; 2&nbsp;</p><input required value=""><br></body></html>`;
    expect(findMarkupError(page, "html")).toBeNull();
    expect(
      findMarkupError(
        `<svg xmlns="http://www.w3.org/2000/svg"><title>&#x65e5;</title><g><path d="M0 0"/></g></svg>`,
        "svg",
      ),
    ).toBeNull();
  });

  test.each([
    ["a tag that is not closed", "<p>"],
    ["tags that cross", "<b><i></b></i>"],
    ["a closing tag too many", "<p></p></p>"],
    ["an attribute without quotes", "<p class=a></p>"],
    ["an attribute in single quotes", "<p class='a'></p>"],
    ["an attribute that ends early", '<p class="a"b"></p>'],
    ["an attribute given twice", '<p class="a" class="b"></p>'],
    ["a stray <", "<p>1 < 2</p>"],
    ["a stray &", "<p>a & b</p>"],
    ["a stray & in an attribute", '<a href="?a=1&b=2"></a>'],
    ["a < in an attribute", '<p title="<b>"></p>'],
    ["the same id twice", '<p id="a"></p><p id="a"></p>'],
    ["a handler", '<p onclick="a()"></p>'],
    ["a script as an address", '<a href="JavaScript:a()"></a>'],
    ["a NUL", "<p>\0</p>"],
    ["a NUL by number", "<p>&#0;</p>"],
    ["half a surrogate pair", "<p>\ud800</p>"],
    ["a style that never ends", "<style>p{}"],
  ])("refuses %s", (_, markup) => {
    expect(findMarkupError(markup, "html")).toEqual(expect.any(String));
  });

  test.each([
    ["an entity that only HTML knows", "<svg>&nbsp;</svg>"],
    ["an attribute without a value", "<svg hidden></svg>"],
    ["two roots", "<svg></svg><svg></svg>"],
    ["text behind the root", "<svg></svg>x"],
    ["nothing", ""],
  ])("refuses %s in a drawing", (_, markup) => {
    expect(findMarkupError(markup, "svg")).toEqual(expect.any(String));
  });
});
