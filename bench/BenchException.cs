namespace OrleansBilling.Bench;

/// <summary>The bench cannot run; the message says why and what to do.</summary>
internal class BenchException(string message) : Exception(message);

/// <summary>The command line is wrong; the message says where.</summary>
internal sealed class UsageException(string message) : BenchException(message);
