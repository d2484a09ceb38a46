# Completion of troupe for fish. Written by script/manual from the program's help.

# Whether the command of the line is this one, and its first operand one of those.
function __troupe_is
    set -l words (commandline -opc)
    test "$words[2]" = "$argv[1]"; or return 1
    set -q argv[2]; or return 0
    contains -- "$words[3]" $argv[2..]
end

# Whether the line has --where: jobs are searched for, not named.
function __troupe_where
    contains -- --where (commandline -opc)
end

# Whether so many words stand before the one that is asked for.
function __troupe_words
    test (count (commandline -opc)) -eq $argv[1]
end

# Ids of what there is, from the stack that the words of the line name.
function __troupe_ids
    set -l words (commandline -opc)
    $words[1] complete $argv[1] -- $words[2..] 2>/dev/null
end

# NAME=VALUE: a name, or one of its values, of a status several with commas between.
function __troupe_filter
    set -l word (commandline -ct)
    set -l before (string replace -r '[^=,]*$' '' -- $word)
    switch $word
        case 'queue=*'
            printf '%s\n' $before{character,image,video,webhook}
        case 'status=*'
            printf '%s\n' $before{pending,waiting,active,completed,failed,cancelled}
        case 'owner=*'
            for value in (__troupe_ids owners)
                printf '%s\n' $before$value
            end
        case 'tag=*'
            for value in (__troupe_ids tags)
                printf '%s\n' $before$value
            end
        case 'groupId=*'
            for value in (__troupe_ids groups)
                printf '%s\n' $before$value
            end
        case 'characterId=*'
            for value in (__troupe_ids characters)
                printf '%s\n' $before$value
            end
        case '*'
            printf '%s\n' queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= groupId=
    end
end

complete -c troupe -f
complete -c troupe -l help
complete -c troupe -n '__troupe_is ""' -l version
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a up -d 'run the whole stack here, until Ctrl-C'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a restart -d 'restart the programs of `up` without failing a request'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a restore -d 'put a backup in the place of a stopped stack\'s store'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a init -d 'lay out a data directory, with its secret'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a token -d 'print a bearer token for a user'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a doctor -d 'check the hosted providers: addresses, keys, models, clocks'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a ping -d 'ask an address whether it is well'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a complete -d 'list what a word may be, for the shells'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a submit -d 'queue a character, a picture, a video, a batch or a pipeline'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a show -d 'print a job, batch, pipeline, character or media entry'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a tail -d 'follow a job, batch or pipeline, or everything of yours, live'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a cancel -d 'cancel a job, batch or pipeline'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a retry -d 'try a failed or cancelled job again'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a characters -d 'your characters, and the portrait of each'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a media -d 'the pictures and videos of a character'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a delete -d 'delete a character or a media entry, for good'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a webhooks -d 'your webhooks, and what was delivered to them'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a usage -d 'what was spent, and what is left of the budget'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a queues -d 'what is in the queues, live on a terminal'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a workers -d 'the workers, and what each of them does'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a top -d 'queues and workers, live'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a jobs -d 'search all users\' jobs'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a failures -d 'failed jobs, counted by what they failed of'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a operations -d 'what is done to many jobs at once, and how far it is'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a history -d 'what happened in the queues: the last hour, day or month'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a users -d 'who has live jobs, and how they are shared'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a providers -d 'the providers, which are down, and who waits for them'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a system -d 'the broker, its disk and store, and who is connected to it'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a audit -d 'who did what to the stack, and who was refused'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a pause -d 'start no more jobs of queues'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a resume -d 'start jobs of queues again'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a drain -d 'let a worker finish what it has'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a duplicate -d 'make another job like one that there is'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a promote -d 'let a pending job start before its time'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a priority -d 'give a job another place among its owner\'s'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a remove -d 'let go of a job that has ended'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a backup -d 'copy the queue\'s store while it runs'
complete -c troupe -n '__troupe_is ""; or __troupe_is help' -a help -d 'print what a command takes'
complete -c troupe -n '__troupe_is up' -l port -x
complete -c troupe -n '__troupe_is up' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is up' -l provider -x -a 'local live null'
complete -c troupe -n '__troupe_is up' -l rate -x -a 'off'
complete -c troupe -n '__troupe_is up' -l actors -x
complete -c troupe -n '__troupe_is up' -l metrics -x
complete -c troupe -n '__troupe_is up' -l assets -x
complete -c troupe -n '__troupe_is up' -l json
complete -c troupe -n '__troupe_is restart' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is restart' -l json
complete -c troupe -n '__troupe_is restore' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is restore' -l json
complete -c troupe -n '__troupe_is restore' -a '(__troupe_ids backups)'
complete -c troupe -n '__troupe_is init' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is init' -l json
complete -c troupe -n '__troupe_is token' -l user -x
complete -c troupe -n '__troupe_is token' -l role -x -a 'user viewer admin'
complete -c troupe -n '__troupe_is token' -l expires -x
complete -c troupe -n '__troupe_is token' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is token' -l json
complete -c troupe -n '__troupe_is doctor' -l json
complete -c troupe -n '__troupe_is ping' -l json
complete -c troupe -n '__troupe_is complete' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is complete' -l user -x
complete -c troupe -n '__troupe_is complete' -a 'queues statuses poses filters jobs characters workers operations backups groups owners tags'
complete -c troupe -n '__troupe_is submit' -l pose -x -a 'standing sitting portrait three-quarter profile action waving thinking dancing reading'
complete -c troupe -n '__troupe_is submit' -l duration -x -a '5 8'
complete -c troupe -n '__troupe_is submit' -l resolution -x -a '480p 720p'
complete -c troupe -n '__troupe_is submit' -l follow
complete -c troupe -n '__troupe_is submit' -l json
complete -c troupe -n '__troupe_is submit' -l key -x
complete -c troupe -n '__troupe_is submit' -l user -x
complete -c troupe -n '__troupe_is submit' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is submit' -l run-at -x
complete -c troupe -n '__troupe_is submit' -l start-by -x
complete -c troupe -n '__troupe_is submit' -l deadline -x
complete -c troupe -n '__troupe_is submit' -l priority -x
complete -c troupe -n '__troupe_is submit' -l tags -x
complete -c troupe -n '__troupe_is submit' -l dedupe -x
complete -c troupe -n '__troupe_is submit image video' -a '(__troupe_ids characters)'
complete -c troupe -n '__troupe_is submit character batch pipeline' -F
complete -c troupe -n '__troupe_is submit; and not __troupe_is submit image video character batch pipeline' -a 'character image video batch pipeline'
complete -c troupe -n '__troupe_is show' -l timeline
complete -c troupe -n '__troupe_is show' -l json
complete -c troupe -n '__troupe_is show' -l user -x
complete -c troupe -n '__troupe_is show' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is show' -l curl
complete -c troupe -n '__troupe_is show character media' -a '(__troupe_ids characters)'
complete -c troupe -n '__troupe_is show; and not __troupe_is show character media' -a 'character media'
complete -c troupe -n '__troupe_is show; and not __troupe_is show character media' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is tail' -l json
complete -c troupe -n '__troupe_is tail' -l user -x
complete -c troupe -n '__troupe_is tail' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is tail' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is cancel' -l json
complete -c troupe -n '__troupe_is cancel' -l user -x
complete -c troupe -n '__troupe_is cancel' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is cancel' -l where
complete -c troupe -n '__troupe_is cancel; and __troupe_where' -l all
complete -c troupe -n '__troupe_is cancel; and __troupe_where' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is cancel; and not __troupe_where' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is retry' -l json
complete -c troupe -n '__troupe_is retry' -l user -x
complete -c troupe -n '__troupe_is retry' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is retry' -l where
complete -c troupe -n '__troupe_is retry; and __troupe_where' -l all
complete -c troupe -n '__troupe_is retry; and __troupe_where' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is retry; and not __troupe_where' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is characters' -l limit -x
complete -c troupe -n '__troupe_is characters' -l cursor -x
complete -c troupe -n '__troupe_is characters' -l json
complete -c troupe -n '__troupe_is characters' -l user -x
complete -c troupe -n '__troupe_is characters' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is media' -l type -x -a 'image video'
complete -c troupe -n '__troupe_is media' -l limit -x
complete -c troupe -n '__troupe_is media' -l cursor -x
complete -c troupe -n '__troupe_is media' -l json
complete -c troupe -n '__troupe_is media' -l user -x
complete -c troupe -n '__troupe_is media' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is media' -a '(__troupe_ids characters)'
complete -c troupe -n '__troupe_is delete' -l json
complete -c troupe -n '__troupe_is delete' -l user -x
complete -c troupe -n '__troupe_is delete' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is delete character media' -a '(__troupe_ids characters)'
complete -c troupe -n '__troupe_is delete; and not __troupe_is delete character media' -a 'character media'
complete -c troupe -n '__troupe_is webhooks' -l wide
complete -c troupe -n '__troupe_is webhooks' -l json
complete -c troupe -n '__troupe_is webhooks' -l user -x
complete -c troupe -n '__troupe_is webhooks' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is webhooks' -l limit -x
complete -c troupe -n '__troupe_is webhooks' -l cursor -x
complete -c troupe -n '__troupe_is webhooks' -l again -x
complete -c troupe -n '__troupe_is webhooks' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is usage' -l days -x
complete -c troupe -n '__troupe_is usage' -l owner -x -a '(__troupe_ids owners)'
complete -c troupe -n '__troupe_is usage' -l all
complete -c troupe -n '__troupe_is usage' -l json
complete -c troupe -n '__troupe_is usage' -l user -x
complete -c troupe -n '__troupe_is usage' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is queues' -l once
complete -c troupe -n '__troupe_is queues' -l json
complete -c troupe -n '__troupe_is queues' -l user -x
complete -c troupe -n '__troupe_is queues' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is workers' -l watch
complete -c troupe -n '__troupe_is workers' -l json
complete -c troupe -n '__troupe_is workers' -l user -x
complete -c troupe -n '__troupe_is workers' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is top' -l once
complete -c troupe -n '__troupe_is top' -l json
complete -c troupe -n '__troupe_is top' -l user -x
complete -c troupe -n '__troupe_is top' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is jobs' -l group -x -a '(__troupe_ids groups)'
complete -c troupe -n '__troupe_is jobs' -l limit -x
complete -c troupe -n '__troupe_is jobs' -l cursor -x
complete -c troupe -n '__troupe_is jobs' -l wide
complete -c troupe -n '__troupe_is jobs' -l json
complete -c troupe -n '__troupe_is jobs' -l user -x
complete -c troupe -n '__troupe_is jobs' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is jobs' -l watch
complete -c troupe -n '__troupe_is jobs' -l export -x -a 'csv ndjson'
complete -c troupe -n '__troupe_is jobs' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is failures' -l limit -x
complete -c troupe -n '__troupe_is failures' -l wide
complete -c troupe -n '__troupe_is failures' -l json
complete -c troupe -n '__troupe_is failures' -l user -x
complete -c troupe -n '__troupe_is failures' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is failures' -l watch
complete -c troupe -n '__troupe_is failures' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is operations' -l limit -x
complete -c troupe -n '__troupe_is operations' -l watch
complete -c troupe -n '__troupe_is operations' -l json
complete -c troupe -n '__troupe_is operations' -l user -x
complete -c troupe -n '__troupe_is operations' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is operations' -l follow
complete -c troupe -n '__troupe_is operations' -l stop
complete -c troupe -n '__troupe_is operations' -a '(__troupe_ids operations)'
complete -c troupe -n '__troupe_is history' -l range -x -a '1h 24h 30d'
complete -c troupe -n '__troupe_is history' -l json
complete -c troupe -n '__troupe_is history' -l user -x
complete -c troupe -n '__troupe_is history' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is history' -a 'character image video webhook all'
complete -c troupe -n '__troupe_is users' -l limit -x
complete -c troupe -n '__troupe_is users' -l cursor -x
complete -c troupe -n '__troupe_is users' -l watch
complete -c troupe -n '__troupe_is users' -l json
complete -c troupe -n '__troupe_is users' -l user -x
complete -c troupe -n '__troupe_is users' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is providers' -l watch
complete -c troupe -n '__troupe_is providers' -l json
complete -c troupe -n '__troupe_is providers' -l user -x
complete -c troupe -n '__troupe_is providers' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is system' -l json
complete -c troupe -n '__troupe_is system' -l user -x
complete -c troupe -n '__troupe_is system' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is audit' -l by -x
complete -c troupe -n '__troupe_is audit' -l action -x -a 'backup batch cancel cancel_batch cancel_jobs cancel_pipeline character delete_batch delete_character delete_character-job delete_job delete_media delete_media-job delete_operation delete_pipeline delete_webhook drain duplicate login logout operation patch_webhook pause pipeline priority priority_jobs promote promote_jobs queue refused remove_jobs replay resume retry retry_jobs rotate-secret stop undrain webhook'
complete -c troupe -n '__troupe_is audit' -l limit -x
complete -c troupe -n '__troupe_is audit' -l cursor -x
complete -c troupe -n '__troupe_is audit' -l watch
complete -c troupe -n '__troupe_is audit' -l json
complete -c troupe -n '__troupe_is audit' -l user -x
complete -c troupe -n '__troupe_is audit' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is pause' -l json
complete -c troupe -n '__troupe_is pause' -l user -x
complete -c troupe -n '__troupe_is pause' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is pause' -l all
complete -c troupe -n '__troupe_is pause' -a 'character image video webhook'
complete -c troupe -n '__troupe_is resume' -l json
complete -c troupe -n '__troupe_is resume' -l user -x
complete -c troupe -n '__troupe_is resume' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is resume' -l all
complete -c troupe -n '__troupe_is resume' -a 'character image video webhook'
complete -c troupe -n '__troupe_is drain' -l undo
complete -c troupe -n '__troupe_is drain' -l stop
complete -c troupe -n '__troupe_is drain' -l json
complete -c troupe -n '__troupe_is drain' -l user -x
complete -c troupe -n '__troupe_is drain' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is drain' -a '(__troupe_ids workers)'
complete -c troupe -n '__troupe_is duplicate' -l key -x
complete -c troupe -n '__troupe_is duplicate' -l json
complete -c troupe -n '__troupe_is duplicate' -l user -x
complete -c troupe -n '__troupe_is duplicate' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is duplicate' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is promote' -l json
complete -c troupe -n '__troupe_is promote' -l user -x
complete -c troupe -n '__troupe_is promote' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is promote' -l where
complete -c troupe -n '__troupe_is promote; and __troupe_where' -l all
complete -c troupe -n '__troupe_is promote; and __troupe_where' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is promote; and not __troupe_where' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is priority' -l json
complete -c troupe -n '__troupe_is priority' -l user -x
complete -c troupe -n '__troupe_is priority' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is priority' -l where
complete -c troupe -n '__troupe_is priority; and __troupe_where' -l all
complete -c troupe -n '__troupe_is priority; and __troupe_where' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is priority; and __troupe_words 2' -a '64 128 192'
complete -c troupe -n '__troupe_is priority; and not __troupe_where; and not __troupe_words 2' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is remove' -l json
complete -c troupe -n '__troupe_is remove' -l user -x
complete -c troupe -n '__troupe_is remove' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is remove' -l where
complete -c troupe -n '__troupe_is remove; and __troupe_where' -l all
complete -c troupe -n '__troupe_is remove; and __troupe_where' -a '(__troupe_filter)'
complete -c troupe -n '__troupe_is remove; and not __troupe_where' -a '(__troupe_ids jobs)'
complete -c troupe -n '__troupe_is backup' -l json
complete -c troupe -n '__troupe_is backup' -l user -x
complete -c troupe -n '__troupe_is backup' -l data -x -a '(__fish_complete_directories)'
complete -c troupe -n '__troupe_is backup' -l list
