using OrleansBilling.ApiHost.Configuration;
using OrleansBilling.ApiHost.Keys;

namespace OrleansBilling.ApiHost.Startup;

/// <summary>Where the pepper comes from: the configuration, a file, or the data folder.</summary>
internal static class PepperSource
{
    /// <summary>Takes the pepper.</summary>
    /// <param name="options">The configuration.</param>
    /// <exception cref="StartException">It cannot be used; the message says what to do.</exception>
    public static Pepper Take(BillingOptions options)
    {
        if (options.Pepper is { } text && Pepper.FromBase64(text) is { } configured)
        {
            return configured;
        }

        try
        {
            return options.PepperFile is { } path
                ? Pepper.FromBase64(File.ReadAllText(path))
                    ?? throw new StartException($"The pepper file '{path}' is not base64 of at least {Pepper.MinBytes} bytes: give the one that the keys were made with or, for a new database, make one with: openssl rand -base64 32 > '{path}'")
                : Pepper.FromFolder(options.DataFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new StartException(
                options.PepperFile is { } file ? $"The pepper file '{file}' (Billing:PepperFile) cannot be read: {e.Message}"
                : e is InvalidOperationException ? e.Message
                : $"The data folder '{options.DataFolder}' (Billing:DataFolder), where the pepper is kept, cannot be used: {e.Message}");
        }
    }

    /// <summary>Where <see cref="Take"/> takes it from, for people.</summary>
    /// <param name="options">The configuration.</param>
    public static string Describe(BillingOptions options) => options switch
    {
        { Pepper: not null } => "from the configuration, Billing:Pepper",
        { PepperFile: { } path } => Path.GetFullPath(path),
        _ => Path.GetFullPath(Path.Combine(options.DataFolder, Pepper.FileName)),
    };

    /// <summary>Makes sure that the keys of this database were made with this pepper.</summary>
    /// <param name="pepper">This host's.</param>
    /// <param name="claim">Gives the fingerprint that the database has, after recording this one where it had none.</param>
    /// <exception cref="StartException">They were made with another.</exception>
    public static async Task ClaimAsync(Pepper pepper, Func<string, Task<string>> claim)
    {
        string theirs = await claim(pepper.Fingerprint);
        if (theirs != pepper.Fingerprint)
        {
            throw new StartException(
                $"This host's pepper has the fingerprint {pepper.Fingerprint}, but the keys in this database were made with {theirs}; it could not prove them. "
                + "Give this host the same pepper as the others (Billing:Pepper or Billing:PepperFile, or the file 'pepper' of their data folder), or use another database. "
                + "If that pepper is lost or no longer secret: ApiHost replace-pepper makes this one the database's, and each key is then proven by its hash once.");
        }
    }
}
