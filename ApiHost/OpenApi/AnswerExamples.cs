using System.Text.Json.Nodes;

namespace OrleansBilling.ApiHost.OpenApi;

/// <summary>What answers look like, as they were given once; a test holds them against what is given now.</summary>
internal static class AnswerExamples
{
    private static readonly JsonObject All = Load();

    /// <summary>The answer of a route, or null.</summary>
    /// <param name="operation">The operation's id.</param>
    public static JsonNode? Find(string operation) => All[operation]?.DeepClone();

    private static JsonObject Load()
    {
        using Stream file = typeof(AnswerExamples).Assembly.GetManifestResourceStream("answer-examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
