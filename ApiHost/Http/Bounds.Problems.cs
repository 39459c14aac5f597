namespace OrleansBilling.ApiHost.Http;

/// <content>What callers are told.</content>
internal static partial class Bounds
{
    /// <summary>What is wrong with an account's id.</summary>
    public static Problem BadAccount() =>
        Problem.Invalid("account", $"'account' must have 1 to {Account} letters, digits or . _ - : @");
}
