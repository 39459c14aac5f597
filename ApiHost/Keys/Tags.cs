using System.Buffers.Text;

namespace OrleansBilling.ApiHost.Keys;

/// <summary>Tags as they are stored: base64url.</summary>
internal static class Tags
{
    /// <summary>Writes a tag.</summary>
    /// <param name="tag">Its bytes.</param>
    public static string Encode(ReadOnlySpan<byte> tag) => Base64Url.EncodeToString(tag);

    /// <summary>Reads a tag.</summary>
    /// <param name="text">As stored.</param>
    public static byte[] Decode(string text) => Base64Url.DecodeFromChars(text);
}
