using System.Text;
using System.Text.RegularExpressions;

namespace OrleansBilling.Repository.Tests;

/// <summary>Just enough of C#'s lexical grammar to tell code from comments and literals.</summary>
public static partial class CSharpText
{
    /// <summary>The same text, the same length and lines, with comments and the insides of literals blank.</summary>
    public static string WithoutCommentsAndLiterals(string text) => Blank(text, match => true);

    /// <summary>The same text with the insides of literals blank; comments stay.</summary>
    public static string WithoutLiterals(string text) => Blank(text, match => match.Value[0] != '/');

    // Alternatives are tried in this order: a comment, a raw string, a verbatim string, a plain string, a character.
    [GeneratedRegex("""
        //[^\n]*
        |/\*.*?\*/
        |(?<quotes>"{3,}).*?\k<quotes>
        |\$?@\$?"(?:[^"]|"")*"
        |"(?:\\.|[^"\\\n])*"
        |'(?:\\.[^']*|[^'\\\n])'
        """, RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace | RegexOptions.CultureInvariant)]
    private static partial Regex CommentOrLiteral();

    private static string Blank(string text, Func<Match, bool> which) =>
        CommentOrLiteral().Replace(text, match => which(match) ? Blanks(match.Value) : match.Value);

    private static string Blanks(string value)
    {
        StringBuilder blanks = new(value.Length);
        foreach (char c in value)
        {
            blanks.Append(c == '\n' ? '\n' : ' ');
        }

        return blanks.ToString();
    }
}
