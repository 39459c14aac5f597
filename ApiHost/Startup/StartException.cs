namespace OrleansBilling.ApiHost.Startup;

/// <summary>The host cannot start; the message says why and what to do.</summary>
internal sealed class StartException(string message) : Exception(message);
