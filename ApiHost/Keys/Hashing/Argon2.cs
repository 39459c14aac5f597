using System.Runtime.InteropServices;

namespace OrleansBilling.ApiHost.Keys.Hashing;

/// <summary>Argon2id (RFC 9106) by the reference library, libargon2.</summary>
internal static unsafe partial class Argon2
{
    private const string Library = "libargon2.so.1";

    /// <summary>What is in the way of using the library, and what to do; null when it is there.</summary>
    public static string? Problem { get; } = ProblemOf(Library);

    /// <summary>What is in the way of using a library of this name, or null.</summary>
    /// <param name="library">The file's name.</param>
    public static string? ProblemOf(string library)
    {
        if (!NativeLibrary.TryLoad(library, out nint handle))
        {
            return $"The library {library} is missing; keys are hashed with it. Install it (Debian and Ubuntu: apt-get install libargon2-1), or run the host by ./dev run, which does so.";
        }

        bool whole = NativeLibrary.TryGetExport(handle, "argon2id_hash_raw", out _);
        NativeLibrary.Free(handle);
        return whole ? null : $"The library {library} does not have argon2id_hash_raw: install libargon2 of 2017-12-27 or later.";
    }

    /// <summary>Hashes; takes milliseconds and <paramref name="memoryKiB"/> of memory.</summary>
    /// <param name="passes">Passes over the memory, 1 or more.</param>
    /// <param name="memoryKiB">Memory in KiB, 8 or more for each lane.</param>
    /// <param name="lanes">Lanes, 1 or more; each may take a thread.</param>
    /// <param name="password">What is hashed.</param>
    /// <param name="salt">8 bytes or more.</param>
    /// <param name="hash">Receives the hash, 4 bytes or more.</param>
    /// <exception cref="InvalidOperationException">The library refuses the parameters, or has no memory.</exception>
    public static void Hash(uint passes, uint memoryKiB, uint lanes, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, Span<byte> hash)
    {
        fixed (byte* passwordStart = password)
        fixed (byte* saltStart = salt)
        fixed (byte* hashStart = hash)
        {
            int error = HashRaw(
                passes, memoryKiB, lanes, passwordStart, (nuint)password.Length, saltStart, (nuint)salt.Length, hashStart, (nuint)hash.Length);
            if (error != 0)
            {
                throw new InvalidOperationException($"libargon2 refused to hash with m={memoryKiB},t={passes},p={lanes}: error {error} of argon2.h.");
            }
        }
    }

    [LibraryImport(Library, EntryPoint = "argon2id_hash_raw")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HashRaw(
        uint passes, uint memoryKiB, uint lanes, byte* password, nuint passwordLength, byte* salt, nuint saltLength, byte* hash, nuint hashLength);
}
